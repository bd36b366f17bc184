/* lib/common_passwords.h - passwords that are tried first, whoever the victim is. */
#ifndef ATELIER_COMMON_PASSWORDS_H
#define ATELIER_COMMON_PASSWORDS_H

#include <stdbool.h>

/* True for the usual words of lib/common_passwords.def with the usual numbers behind them, for runs along the keyboard
 * or the alphabet, and for a few characters over and over. Upper and lower case are the same. */
bool is_common_password(const char *password);

#endif
