/* lib/password.c - argon2id by the parameters of the configuration. */
#include "lib/password.h"

#include <argon2.h>

#include "lib/counter.h"
#include "lib/mem.h"
#include "lib/random.h"

#define SALT_SIZE 16
#define HASH_SIZE 32
#define LANES 1
#define ENCODED_MAX 256

static uint32_t
memory_kib(const struct conf *conf)
{
	return (uint32_t)(conf->auth_argon2_memory / 1024);
}

/* What every hash made with these parameters begins with. */
static void
write_parameters(const struct conf *conf, char *out, size_t size)
{
	snprintf(out, size, "$argon2id$v=%d$m=%u,t=%u,p=%d$", ARGON2_VERSION_NUMBER, memory_kib(conf),
	    (unsigned)conf->auth_argon2_passes, LANES);
}

char *
password_hash(void *mem, const struct conf *conf, const char *password)
{
	unsigned char salt[SALT_SIZE];
	char encoded[ENCODED_MAX];

	random_bytes(salt, sizeof(salt));
	counter_add(COUNTER_passwords_computed_total, 1);
	/* The parameters were checked when the configuration was read: what can still fail is memory. */
	if (argon2id_hash_encoded((uint32_t)conf->auth_argon2_passes, memory_kib(conf), LANES, password, strlen(password), salt,
		sizeof(salt), HASH_SIZE, encoded, sizeof(encoded)) != ARGON2_OK)
		mem_out_of_memory();
	return mem_strdup(mem, encoded);
}

bool
password_verify(const char *hash, const char *password)
{
	int rc;

	if (hash == NULL)
		return false;
	counter_add(COUNTER_passwords_computed_total, 1);
	rc = argon2id_verify(hash, password, strlen(password));
	if (rc == ARGON2_MEMORY_ALLOCATION_ERROR)
		mem_out_of_memory(); /* not "wrong password" */
	return rc == ARGON2_OK;
}

bool
password_is_outdated(const char *hash, const struct conf *conf)
{
	char parameters[ENCODED_MAX];

	write_parameters(conf, parameters, sizeof(parameters));
	return strncmp(hash, parameters, strlen(parameters)) != 0;
}

const char *
password_dummy(const struct conf *conf)
{
	static char dummy[ENCODED_MAX];
	size_t n;

	write_parameters(conf, dummy, sizeof(dummy));
	n = strlen(dummy);
	/* 16 bytes of salt and 32 of hash that come from nowhere */
	snprintf(dummy + n, sizeof(dummy) - n, "%s", "QXRlbGllckF0ZWxpZXIxMg$T2YgdGhpcyBoYXNoIG5vYm9keSBrbm93cyBhIHdvcmQ");
	return dummy;
}
