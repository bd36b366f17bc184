/* handlers/devices.c - where a person's pushes go. */
#include "fcgi/answer.h"
#include "fcgi/app.h"

struct device_new {
	const char *token, *platform, *name;
};

static const struct field device_new_fields[] = {
	FIELD(struct device_new, token, .required = true, .min = 10, .max = 4096, .pattern = "^[!-~]+$",
	    .doc = "The registration token of Firebase Cloud Messaging."),
	FIELD(struct device_new, platform, .required = true, .one_of = "android|ios|web"),
	FIELD(struct device_new, name, .nullable = true, .max = 100),
	FIELD_END
};

const struct route devices_routes[] = {
	{ POST, "/devices", SIGNED_IN, .body = SCHEMA(device_new), .query = Q_DEVICE_SAVE, .status = 201,
	  .doc = "Have pushes sent to this device, until one signs out on it. Doing it again keeps it fresh." },
	{ GET, "/devices", SIGNED_IN, .query = Q_DEVICE_LIST, .answer = ANSWER_LIST, .doc = "The caller's devices." },
	{ DELETE, "/devices/{id:uuid}", SIGNED_IN, .query = Q_DEVICE_DELETE, .answer = ANSWER_NONE,
	  .doc = "Send no more pushes there." },
	{ POST, "/users/me/devices", SIGNED_IN, .body = SCHEMA(device_new), .query = Q_DEVICE_SAVE, .status = 201,
	  .doc = "The same as POST /devices." },
	{ GET, "/users/me/devices", SIGNED_IN, .query = Q_DEVICE_LIST, .answer = ANSWER_LIST,
	  .doc = "The same as GET /devices." },
	{ DELETE, "/users/me/devices/{id:uuid}", SIGNED_IN, .query = Q_DEVICE_DELETE, .answer = ANSWER_NONE,
	  .doc = "The same as DELETE /devices/{id}." },
	ROUTE_END
};
