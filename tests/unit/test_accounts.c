/* tests/unit/test_accounts.c - refresh tokens, sealed secrets, one-time codes, common passwords, mails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/base64.h"
#include "lib/common_passwords.h"
#include "lib/conf.h"
#include "lib/mail.h"
#include "lib/mem.h"
#include "lib/qr.h"
#include "lib/refresh.h"
#include "lib/seal.h"
#include "lib/totp.h"

#define KEY "0123456789abcdef0123456789abcdef"
#define ANSWER_BYTES ((size_t)1 << 20)

static void
refresh_tokens_are_ours_or_nothing(void **state)
{
	void *mem = talloc_new(NULL);
	struct refresh_token in = { .session = uuid_new(), .generation = 70000 }, out;
	char *text = mem_strdup(mem, refresh_token_new(mem, KEY, &in));

	(void)state;
	assert_true(refresh_token_read(mem, KEY, text, &out));
	assert_true(uuid_equal(&in.session, &out.session));
	assert_int_equal(out.generation, 70000);
	assert_string_not_equal(text, refresh_token_new(mem, KEY, &in));
	assert_false(refresh_token_read(mem, "another key", text, &out));
	for (size_t i = 0; text[i] != '\0'; i++) {
		char was = text[i];

		text[i] = was == 'A' ? 'B' : 'A';
		assert_false(refresh_token_read(mem, KEY, text, &out));
		text[i] = was;
	}
	assert_false(refresh_token_read(mem, KEY, "", &out));
	text[20] = '\0';
	assert_false(refresh_token_read(mem, KEY, text, &out));
	talloc_free(mem);
}

static void
sealed_text_opens_for_its_purpose_only(void **state)
{
	void *mem = talloc_new(NULL);
	char *sealed = mem_strdup(mem, seal_text(mem, KEY, "totp", "JBSWY3DP")), *answer = mem_size(mem, ANSWER_BYTES + 1);

	(void)state;
	memset(answer, 'a', ANSWER_BYTES);
	answer[ANSWER_BYTES] = '\0';
	assert_string_equal(seal_open(mem, KEY, "answer", seal_text(mem, KEY, "answer", answer)), answer);
	assert_string_equal(seal_open(mem, KEY, "totp", sealed), "JBSWY3DP");
	assert_string_equal(seal_open(mem, KEY, "totp", seal_text(mem, KEY, "totp", "")), "");
	assert_null(seal_open(mem, KEY, "mail link", sealed));
	assert_null(seal_open(mem, "other", "totp", sealed));
	assert_null(seal_open(mem, KEY, "totp", NULL));
	assert_null(seal_open(mem, KEY, "totp", "AAAA"));
	sealed[5] ^= 1;
	assert_null(seal_open(mem, KEY, "totp", sealed));
	talloc_free(mem);
}

/* The vectors of RFC 6238, appendix B, cut to six digits. */
static void
codes_are_those_of_the_rfc(void **state)
{
	static const char secret[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
	static const struct {
		int64_t now_s;
		const char *code;
	} vectors[] = { { 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" }, { 1234567890, "005924" },
		{ 2000000000, "279037" } };
	int64_t step;

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		assert_true(totp_check(secret, vectors[i].code, vectors[i].now_s, &step));
		assert_int_equal(step, vectors[i].now_s / 30);
		assert_true(totp_check(secret, vectors[i].code, vectors[i].now_s + 30, &step));
		assert_int_equal(step, vectors[i].now_s / 30);
		assert_false(totp_check(secret, vectors[i].code, vectors[i].now_s + 90, &step));
	}
	assert_false(totp_check(secret, "28708", 59, &step));
	assert_false(totp_check(secret, "28708x", 59, &step));
	assert_false(totp_check("not base32!", "287082", 59, &step));
}

static void
recovery_codes_forgive_how_they_are_typed(void **state)
{
	char code[RECOVERY_CODE_TEXT], plain[RECOVERY_CODE_TEXT];

	(void)state;
	for (int i = 0; i < 100; i++) {
		recovery_code_new(code);
		assert_true(recovery_code_parse(code, plain));
		assert_string_equal(code, plain);
	}
	assert_true(recovery_code_parse("ABCDE 23456", plain));
	assert_string_equal(plain, "abcde-23456");
	assert_true(recovery_code_parse("abcde23456", plain));
	assert_string_equal(plain, "abcde-23456");
	assert_false(recovery_code_parse("287082", plain));
	assert_false(recovery_code_parse("abcde-234567", plain));
	assert_false(recovery_code_parse("abcde-2345o", plain));
	assert_false(recovery_code_parse("", plain));
}

static void
common_passwords_are_found_and_good_ones_are_not(void **state)
{
	static const char *const bad[] = { "password123", "Password1234", "qwertyuiop", "QWERTYUIOP", "1234567890", "0987654321",
		"aaaaaaaaaaaa", "1212121212", "abcabcabcabc", "iloveyou2024", "passwordpassword", "abcdefghij", "asdfghjklz" };
	static const char *const good[] = { "correct horse battery", "Plum-cake at 7", "tr0ub4dor&3x!", "my cat is called Fred" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!is_common_password(bad[i]))
			fail_msg("%s", bad[i]);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (is_common_password(good[i]))
			fail_msg("%s", good[i]);
}

static void
a_qr_code_is_a_png(void **state)
{
	void *mem = talloc_new(NULL);
	size_t length = 0;
	const unsigned char *png = qr_png(mem, "otpauth://totp/x", &length);

	(void)state;
	assert_non_null(png);
	assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
	assert_true(length > 100);
	talloc_free(mem);
}

static void
a_mail_carries_its_link_and_no_injected_header(void **state)
{
	void *mem = talloc_new(NULL);
	struct conf conf = { .main_secret = KEY, .main_template_dir = TEMPLATES, .mail_from = "Atelier <a@b.test>" };
	struct mail_order order = { .name = "reset", .to = "ana@b.test", .person = "Ana\r\nBcc: x@y", .locale = "pt-BR",
		.site = "Ateliê", .link = "https://b.test/x?token=abc" };
	const char *job = mail_job(mem, &conf, &order), *why = "";
	struct mail mail;

	(void)state;
	assert_null(strstr(job, "token=abc"));
	assert_int_equal(mail_compose(mem, &conf, job, uuid_new(), &mail, &why), 0);
	assert_string_equal(mail.to, "ana@b.test");
	assert_string_equal(mail.from, "a@b.test");
	assert_non_null(strstr(mail.message, "Content-Language: pt"));
	assert_non_null(strstr(mail.message, "token=3Dabc"));
	*strstr((char *)mail.message, "\r\n\r\n") = '\0'; /* only the header */
	assert_null(strstr(mail.message, "Bcc:"));
	order.name = "../../etc/passwd";
	assert_int_equal(mail_compose(mem, &conf, mail_job(mem, &conf, &order), uuid_new(), &mail, &why), -1);
	order.name = "reset";
	order.to = "a@b\r\nRCPT TO:<x@y>";
	assert_int_equal(mail_compose(mem, &conf, mail_job(mem, &conf, &order), uuid_new(), &mail, &why), -1);
	order.to = NULL;
	assert_int_equal(mail_compose(mem, &conf, mail_job(mem, &conf, &order), uuid_new(), &mail, &why), 0);
	assert_null(mail.to);
	assert_int_equal(mail_compose(mem, &conf, "no json", uuid_new(), &mail, &why), -1);
	talloc_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refresh_tokens_are_ours_or_nothing),
		cmocka_unit_test(sealed_text_opens_for_its_purpose_only),
		cmocka_unit_test(codes_are_those_of_the_rfc),
		cmocka_unit_test(recovery_codes_forgive_how_they_are_typed),
		cmocka_unit_test(common_passwords_are_found_and_good_ones_are_not),
		cmocka_unit_test(a_qr_code_is_a_png),
		cmocka_unit_test(a_mail_carries_its_link_and_no_injected_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
