/* tests/unit/test_sign.c - cursors, media tokens, signed text, ETags, base64url, passwords. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/base64.h"
#include "lib/common_passwords.h"
#include "lib/mem.h"
#include "lib/password.h"
#include "lib/random.h"
#include "lib/sign.h"

static struct signer *signer, *stranger;

static int
setup(void **state)
{
	*state = talloc_new(NULL);
	signer = signer_open(*state, "0123456789abcdef0123456789abcdef");
	stranger = signer_open(*state, "fedcba9876543210fedcba9876543210");
	return 0;
}

static int
teardown(void **state)
{
	talloc_free(*state);
	return 0;
}

static void
seals_cursors(void **state)
{
	char *cursor = cursor_seal(*state, signer, "VIDEO_FEED", "2026-01-01\x1fid");

	assert_string_equal(cursor_open(*state, signer, "VIDEO_FEED", cursor), "2026-01-01\x1fid");
	assert_null(cursor_open(*state, signer, "VIDEO_FEE", cursor));
	assert_null(cursor_open(*state, stranger, "VIDEO_FEED", cursor));
	assert_null(cursor_open(*state, signer, "VIDEO_FEED", ""));
	assert_null(cursor_open(*state, signer, "VIDEO_FEED", "abc"));
	assert_null(cursor_open(*state, signer, "VIDEO_FEED", "not base64!"));
	for (size_t i = 0; i < strlen(cursor); i++) {
		char *changed = mem_strdup(*state, cursor);

		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		assert_null(cursor_open(*state, signer, "VIDEO_FEED", changed));
		assert_null(cursor_open(*state, signer, "VIDEO_FEED", mem_strndup(*state, cursor, i)));
	}
	cursor = cursor_seal(*state, signer, "A", "");
	assert_string_equal(cursor_open(*state, signer, "A", cursor), "");
}

static void
opens_media(void **state)
{
	static const char folder[] = "tenant/video/01234567";
	char token[MEDIA_TOKEN_SIZE], again[MEDIA_TOKEN_SIZE];
	int64_t now = 1800000000, expires = media_expiry(now, 7200);
	size_t n = sizeof(folder) - 1, length;

	(void)state;
	assert_true(expires >= now + 7200 && expires <= now + 7200 + 3600);
	media_token(signer, folder, n, expires, token);
	media_token(signer, folder, n, media_expiry(now + 3599 - now % 3600, 7200), again);
	assert_string_equal(token, again);
	length = strlen(token);
	assert_true(media_token_is_valid(signer, folder, n, token, length, now));
	assert_true(media_token_is_valid(signer, folder, n, token, length, expires - 1));
	assert_false(media_token_is_valid(signer, folder, n, token, length, expires));
	assert_false(media_token_is_valid(signer, folder, n - 1, token, length, now));
	assert_false(media_token_is_valid(stranger, folder, n, token, length, now));
	assert_false(media_token_is_valid(signer, folder, n, token, length - 1, now));
	for (size_t i = 0; i < length; i++) {
		memcpy(again, token, sizeof(again));
		again[i] = again[i] == 'A' ? 'B' : 'A';
		assert_false(media_token_is_valid(signer, folder, n, again, length, now));
	}
}

static void
signs_text(void **state)
{
	char signature[SIGNATURE_SIZE], other[SIGNATURE_SIZE];

	(void)state;
	text_sign(signer, "upload", "id:123", signature);
	assert_true(text_is_signed(signer, "upload", "id:123", signature));
	assert_false(text_is_signed(signer, "upload", "id:124", signature));
	assert_false(text_is_signed(signer, "uploa", "did:123", signature));
	assert_false(text_is_signed(stranger, "upload", "id:123", signature));
	assert_false(text_is_signed(signer, "upload", "id:123", ""));
	text_sign(signer, "uploa", "did:123", other);
	assert_string_not_equal(signature, other);
}

static void
tells_bytes_apart(void **state)
{
	char data[64] = { 0 }, one[24], two[24];

	(void)state;
	for (size_t n = 0; n <= sizeof(data); n++) {
		etag_of(data, n, one);
		assert_int_equal(strlen(one), 18);
		etag_of(data, n, two);
		assert_string_equal(one, two);
		if (n > 0) {
			data[n / 2] ^= 1;
			etag_of(data, n, two);
			assert_string_not_equal(one, two);
			etag_of(data, n - 1, two);
			assert_string_not_equal(one, two);
		}
	}
}

static void
codes_base64(void **state)
{
	for (size_t n = 0; n < 200; n++) {
		unsigned char data[200], back[200];
		size_t length;
		char *text;

		random_bytes(data, n);
		text = base64url_encode(*state, data, n);
		assert_int_equal(strlen(text), BASE64URL_LENGTH(n));
		assert_true(base64url_get(back, n, text, strlen(text)));
		assert_memory_equal(back, data, n);
		assert_non_null(base64url_decode(*state, text, strlen(text), &length));
		assert_int_equal(length, n);
	}
	assert_string_equal(base64_encode(*state, "\xfb\xff", 2), "+/8=");
	assert_string_equal(base64url_encode(*state, "\xfb\xff", 2), "-_8");
	assert_null(base64url_decode(*state, "a", 1, &(size_t){ 0 }));
	assert_null(base64url_decode(*state, "-_9", 3, &(size_t){ 0 })); /* a second spelling of the same bytes */
	assert_null(base64url_decode(*state, "+/8", 3, &(size_t){ 0 }));
}

static void
keeps_passwords(void **state)
{
	struct conf conf = { .auth_argon2_memory = 64 * 1024, .auth_argon2_passes = 1 };
	char *hash = password_hash(*state, &conf, "p\xc3\xa4ss"), *again = password_hash(*state, &conf, "p\xc3\xa4ss");

	assert_string_not_equal(hash, again);
	assert_true(password_verify(hash, "p\xc3\xa4ss"));
	assert_true(password_verify(again, "p\xc3\xa4ss"));
	assert_false(password_verify(hash, "pass"));
	assert_false(password_verify(hash, ""));
	assert_false(password_verify(NULL, "pass"));
	assert_false(password_verify("", "pass"));
	assert_false(password_verify("$argon2id$v=19$m=1", "pass"));
	assert_false(password_is_outdated(hash, &conf));
	assert_false(password_verify(password_dummy(&conf), "pass"));
	assert_false(password_is_outdated(password_dummy(&conf), &conf));
	conf.auth_argon2_passes = 2;
	assert_true(password_is_outdated(hash, &conf));
	assert_true(password_is_outdated("plain", &conf));
}

static double
seconds_of(bool (*fn)(const char *, const char *), const char *hash, const char *password)
{
	double best = 1e9;

	for (int i = 0; i < 5; i++) {
		struct timespec a, b;
		double s;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
		fn(hash, password);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		s = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
		best = s < best ? s : best;
	}
	return best;
}

/* Nobody can tell by the clock whether an account exists: the dummy is work like any hash. */
static void
takes_equal_time(void **state)
{
	struct conf conf = { .auth_argon2_memory = 4 << 20, .auth_argon2_passes = 2 };
	double real = seconds_of(password_verify, password_hash(*state, &conf, "right"), "wrong");
	double dummy = seconds_of(password_verify, password_dummy(&conf), "wrong");

	assert_true(dummy > real * 0.5 && dummy < real * 2);
}

static void
knows_common_passwords(void **state)
{
	static const char *const common[] = { "password", "Password123", "1234567890", "qwertyuiop", "aaaaaaaaaaaa", "iloveyou1234" };
	static const char *const fine[] = { "tall-otter-paints-9", "k3Yt#uw0qLm!", "seven green bicycles" };

	(void)state;
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
		if (!is_common_password(common[i]))
			fail_msg("taken: %s", common[i]);
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		assert_false(is_common_password(fine[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seals_cursors),
		cmocka_unit_test(opens_media),
		cmocka_unit_test(signs_text),
		cmocka_unit_test(tells_bytes_apart),
		cmocka_unit_test(codes_base64),
		cmocka_unit_test(keeps_passwords),
		cmocka_unit_test(takes_equal_time),
		cmocka_unit_test(knows_common_passwords),
	};

	return cmocka_run_group_tests_name("sign", tests, setup, teardown);
}
