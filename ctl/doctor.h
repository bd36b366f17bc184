/*
 * ctl/doctor.h - atelierctl doctor: what an operator gets wrong, and how to mend it.
 *
 * To add a check: a function in ctl/doctor.c (or a file beside it) and a row in its table.
 */
#ifndef ATELIER_CTL_DOCTOR_H
#define ATELIER_CTL_DOCTOR_H

#include "ctl/ctl.h"

enum verdict { VERDICT_GOOD, VERDICT_WARNING, VERDICT_BAD };

struct doctor;

const struct conf *doctor_conf(const struct doctor *d);
void *doctor_mem(struct doctor *d);

/* One line: what was looked at, and (unless it is good) how to mend it. */
void doctor_say(struct doctor *d, enum verdict verdict, const char *what, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* ctl/doctor_web.c: the web server in front, and the mail server, as others see them. */
void doctor_check_web(struct doctor *d);
void doctor_check_mail(struct doctor *d);

/* ctl/doctor_programs.c: can programs of dojos be run on this machine? */
void doctor_check_programs(struct doctor *d);

#endif
