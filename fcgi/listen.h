/* fcgi/listen.h - the sockets of the pools: made by us or inherited from systemd. */
#ifndef ATELIER_LISTEN_H
#define ATELIER_LISTEN_H

/* Opens "unix:/path", "host:port" or "systemd:NAME" for listening, close-on-exec, non-blocking off.
 * Returns the descriptor, or -1 with the reason in *why (talloc'd on context). */
int listen_open(const void *context, const char *address, char **why);

/* Removes a unix socket's file; other addresses have nothing to remove. */
void listen_unlink(const char *address);

/* Tells systemd (Type=notify) what we are doing: "READY=1", "RELOADING=1", "STOPPING=1". Silent without systemd. */
void service_notify(const char *state);

#endif
