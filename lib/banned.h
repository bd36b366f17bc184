/* lib/banned.h - functions that nobody here needs, out of reach in every file. */
#if !defined(ATELIER_BANNED_H) && !defined(__ASSEMBLER__)
#define ATELIER_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok atoi atol localtime gmtime asctime ctime system popen

#endif
