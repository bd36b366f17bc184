/* lib/common_passwords.c - what leaked lists have in front, as words and rules in place of a file of a million lines. */
#include "lib/common_passwords.h"

#include <ctype.h>

#include "lib/mem.h"

#define LONGEST 64 /* nothing longer is common */

static const char *const words[] = {
#define X(word) word,
#include "lib/common_passwords.def"
#undef X
};

/* What people put behind a word that was too short. Years are found by themselves. */
static const char *const endings[] = { "", "0", "00", "000", "007", "01", "1", "10", "100", "11", "111", "1111", "12", "121",
	"123", "1234", "12345", "123456", "1234567", "12345678", "123456789", "1234567890", "13", "21", "22", "23", "321",
	"4321", "54321", "654321", "666", "69", "7", "77", "777", "88", "888", "99", "999" };

static const char *const runs[] = { "01234567890123456789", "09876543210987654321", "abcdefghijklmnopqrstuvwxyz",
	"qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn", "1q2w3e4r5t6y7u8i9o0p",
	"qazwsxedcrfvtgbyhnujmikolp", "1qaz2wsx3edc4rfv5tgb6yhn", "q1w2e3r4t5y6u7i8o9p0", "zaq12wsxcde34rfv", "poiuytrewq",
	"lkjhgfdsa", "mnbvcxz", "zyxwvutsrqponmlkjihgfedcba" };

static bool
is_ending(const char *s)
{
	size_t length = strlen(s);

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (strcmp(endings[i], s) == 0)
			return true;
	return length == 4 && (strncmp(s, "19", 2) == 0 || strncmp(s, "20", 2) == 0);
}

static bool
is_word(const char *s, size_t length)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == length && strncmp(words[i], s, length) == 0)
			return true;
	return false;
}

/* One or two usual words and a usual number. */
static bool
is_made_of_words(const char *s)
{
	size_t length = strlen(s), letters = length;

	while (letters > 0 && isdigit((unsigned char)s[letters - 1]))
		letters--;
	for (; letters <= length; letters++) { /* a word may end in digits itself */
		if (letters == 0 || !is_ending(s + letters))
			continue;
		if (is_word(s, letters))
			return true;
		for (size_t cut = 3; cut + 3 <= letters; cut++)
			if (is_word(s, cut) && is_word(s + cut, letters - cut))
				return true;
	}
	return false;
}

/* Up to four characters over and over: aaaaaaaaaa, 1212121212, abcdabcdabcd. */
static bool
is_periodic(const char *s)
{
	size_t length = strlen(s);

	for (size_t period = 1; period <= 4; period++) {
		size_t i = period;

		while (i < length && s[i] == s[i - period])
			i++;
		if (i == length)
			return true;
	}
	return false;
}

static bool
is_run(const char *s)
{
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		if (strstr(runs[i], s) != NULL)
			return true;
	return false;
}

bool
is_common_password(const char *password)
{
	char lower[LONGEST + 1];
	size_t length = strlen(password);

	if (length > LONGEST)
		return false;
	for (size_t i = 0; i <= length; i++)
		lower[i] = (char)tolower((unsigned char)password[i]);
	return is_periodic(lower) || is_run(lower) || is_made_of_words(lower);
}
