/*
 * worker/fcm.h - Firebase Cloud Messaging, HTTP v1: access tokens of the service account, and one message to one device.
 * The access token is kept in Redis, sealed, for as long as it lives.
 */
#ifndef ATELIER_WORKER_FCM_H
#define ATELIER_WORKER_FCM_H

#include <json-c/json.h>

#include "worker/job.h"

struct fcm {
	const char *project, *email, *key, *key_id, *token_url; /* of the service account */
	const char *access_token;
};

enum fcm_result {
	FCM_SENT,
	FCM_DEAD_TOKEN, /* the app is gone from the device: forget it */
	FCM_LATER,      /* busy or away: again after *retry_after_s (0: as one likes) */
	FCM_REFUSED,    /* never with this message */
};

/* Reads push.service_account and gets an access token. 0, or -1 with *why and whether trying again may help. */
int fcm_open(struct job *job, struct fcm *out, const char **why, bool *may_help);

/* Sends {"message":…}. */
enum fcm_result fcm_send(struct job *job, struct fcm *fcm, const char *message, long *retry_after_s, const char **why);

#endif
