/* tests/unit/test_outside.c - what goes out to people and programs: sentences about notifications, signatures of webhooks,
 * and which addresses are never connected to. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "lib/conf.h"
#include "lib/http.h"
#include "lib/mem.h"
#include "lib/notice.h"
#include "lib/webhook.h"

static struct conf conf = { .main_template_dir = TEMPLATES };

static int
setup(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int
teardown(void **state)
{
	talloc_free(*state);
	return 0;
}

static const char *
likes(void *mem, const char *locale, int64_t count)
{
	return notice_text(mem, notice_words_open(mem, &conf, locale), &(struct notice){ .kind = "video_liked", .actor = "Ann",
	    .second = count > 1 ? "Ben" : NULL, .actor_count = count, .title = "{actor} & co" });
}

static void
sentences_fit_the_number(void **state)
{
	assert_string_equal(likes(*state, NULL, 1), "Ann liked your video “{actor} & co”.");
	assert_string_equal(likes(*state, "de", 2), "Ann and Ben liked your video “{actor} & co”.");
	assert_string_equal(likes(*state, "en-GB", 3), "Ann, Ben and 1 other liked your video “{actor} & co”.");
	assert_string_equal(likes(*state, "pt-BR", 5), "Ann, Ben e mais 3 pessoas curtiram seu vídeo “{actor} & co”.");
	assert_string_equal(likes(*state, "pt", 1), "Ann curtiu seu vídeo “{actor} & co”.");
	assert_string_equal(likes(*state, "ptx", 1), likes(*state, "en", 1));
}

static void
a_kind_without_words_says_so(void **state)
{
	struct notice_words *en = notice_words_open(*state, &conf, "en");

	assert_string_equal(notice_text(*state, en, &(struct notice){ .kind = "of_a_module" }), "There is something new for you.");
	assert_string_equal(notice_text(*state, en, &(struct notice){ .kind = "mentioned", .text = "Hi" }), "… mentioned you: Hi");
}

/* The example of standardwebhooks.com; `openssl dgst -sha256 -mac HMAC` makes the same. */
static void
signatures_are_as_others_make_them(void **state)
{
	const char *secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

	assert_string_equal(webhook_sign(*state, secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}"),
	    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	assert_null(webhook_sign(*state, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "x", 1, ""));
	assert_null(webhook_sign(*state, "whsec_", "x", 1, ""));
	assert_null(webhook_sign(*state, "whsec_no base64!", "x", 1, ""));
	assert_non_null(webhook_sign(*state, webhook_secret_new(*state), "x", 1, ""));
	assert_string_not_equal(webhook_secret_new(*state), webhook_secret_new(*state));
}

static bool
is_public(const char *text)
{
	unsigned char address[16];
	int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;

	assert_int_equal(inet_pton(family, text, address), 1);
	return http_address_is_public(family, address);
}

static void
private_addresses_are_known(void **state)
{
	static const char *const inward[] = { "0.0.0.0", "10.255.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.9.9.9",
		"169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.168.1.1", "198.18.0.1", "198.19.255.255",
		"224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
		"::127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1" };
	static const char *const outward[] = { "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
		"126.255.255.255", "128.0.0.1", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255",
		"2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1" };

	(void)state;
	for (size_t i = 0; i < sizeof(inward) / sizeof(inward[0]); i++)
		if (is_public(inward[i]))
			fail_msg("%s is not public", inward[i]);
	for (size_t i = 0; i < sizeof(outward) / sizeof(outward[0]); i++)
		if (!is_public(outward[i]))
			fail_msg("%s is public", outward[i]);
	assert_false(http_address_is_public(AF_UNIX, "/run/redis.sock"));
}

static void
addresses_are_judged_by_their_text(void **state)
{
	const char *why;

	(void)state;
	assert_true(webhook_url_is_fine(&conf, "https://example.com:8443/a?b=c", &why));
	assert_false(webhook_url_is_fine(&conf, "http://example.com/", &why));
	assert_string_equal(why, "must begin with https://");
	assert_false(webhook_url_is_fine(&conf, "https://a:b@example.com/", &why));
	assert_false(webhook_url_is_fine(&conf, "https://LOCALHOST/", &why));
	assert_false(webhook_url_is_fine(&conf, "https://0x7f000001/", &why));
	assert_false(webhook_url_is_fine(&conf, "https://[::1]/", &why));
	assert_false(webhook_url_is_fine(&conf, "https://", &why));
	conf.webhooks_allow_private = true;
	assert_true(webhook_url_is_fine(&conf, "http://10.0.0.1/", &why));
	assert_false(webhook_url_is_fine(&conf, "file:///etc/passwd", &why));
	conf.webhooks_allow_private = false;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences_fit_the_number),
		cmocka_unit_test(a_kind_without_words_says_so),
		cmocka_unit_test(signatures_are_as_others_make_them),
		cmocka_unit_test(private_addresses_are_known),
		cmocka_unit_test(addresses_are_judged_by_their_text),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
