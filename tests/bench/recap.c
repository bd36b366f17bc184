/*
 * tests/bench/recap.c - makes a recap film of so many projects, or of clips, and says what a second of it cost, and where that went:
 *	recap STYLE PROJECTS FOLDER [CLIP...]
 * A line "bench recap_STYLE_COUNT film_s S cpu_s S ratio R sound R scenes R clips R compose R encode R"; ratios are seconds of
 * one processor for each second of the film. The film is FOLDER/film.mp4.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/mem.h"
#include "worker/recap/recap.h"

static const char *const names[] = { "Ray tracer in a weekend", "Çok güzel bir proje: ışığın hızı", "Ação, emoção e informação", "مشروع تجريبي لمعالجة النصوص",
	"用中文写的概念验证项目", "Emoji 🎉🚀👩‍💻 inside", "Supercalifragilisticexpialidocious_WithoutAnySpaceInItsNameAtAll_ButWithUnderscores_AndEvenMore_100",
	"A tiny database that fits into one file and answers before you ask", "Go" };
static const char *const abouts[] = { "C  ·  graphics, maths", "Rust  ·  audio", "Python  ·  data, plots, notebooks", "Go  ·  network" };
static const char *const months[] = { "January 2026", "February 2026", "March 2026", "April 2026", "May 2026", "June 2026", "July 2026", "August 2026",
	"September 2026", "October 2026", "November 2026", "December 2026" };

static const char *
same(const char *language, const char *text)
{
	(void)language;
	return text;
}

static void
fill(struct recap *r, void *mem, size_t count, char **clips, size_t clip_count)
{
	struct recap_item *items = mem_array(mem, struct recap_item, count + 1);
	struct recap_month *m = mem_array(mem, struct recap_month, 12);
	static const char *const labels[] = { "Projects", "Languages", "Frameworks", "Public", "Pieces of code" };

	for (size_t i = 0; i < 12; i++)
		m[i] = (struct recap_month){ months[i], 0 };
	for (size_t i = 0; i < count; i++) {
		size_t month = i * 12 / count;

		m[month].count++;
		items[i] = (struct recap_item){ .title = names[i % 9], .about = abouts[i % 4], .month = (int)month, .badge = ((const char *[]){ "C", "Rust", "Python", "TypeScript" })[i % 4],
			.text = i % 3 == 2 ? NULL : "What it is about, in some sentences that somebody wrote late in the evening, so that others may see what was learnt from it and go on." };
		if (clip_count > 0) {
			items[i].clip = clips[i % clip_count];
			items[i].clip_from_us = 1000000;
		}
	}
	r->summary.figure_count = 5;
	for (size_t i = 0; i < 5; i++)
		r->summary.figures[i] = (struct summary_figure){ labels[i], (double)(count * (i + 1) * (i + 1)) };
	for (size_t i = 0; i < 12; i++)
		summary_add_bar(mem, &r->summary, "Projects by month", mem_printf(mem, "2026-%02zu", i + 1), (double)m[i].count);
	for (size_t i = 0; i < 5; i++)
		summary_add_bar(mem, &r->summary, "By language", ((const char *[]){ "C", "Rust", "TypeScript", "Python", "–" })[i], (double)(count / (i + 1)));
	r->items = items;
	r->item_count = count;
	r->months = m;
	r->month_count = 12;
}

int
main(int argc, char **argv)
{
	void *mem = talloc_new(NULL);
	struct recap r = { .mem = mem, .title = "My year of projects 2026", .description = "What I tried, and what became of it.", .person = "Ana Exemplo",
		.site = "Atelier", .period = "2026", .language = "en", .threads = 1, .word = same };
	struct recap_times t = { 0 };
	struct media_failure failure = { 0 };
	double all = 0;

	if (argc < 4)
		return 2;
	r.style = argv[1];
	fill(&r, mem, strtoul(argv[2], NULL, 10), argv + 4, (size_t)(argc - 4));
	r.music = getenv("MUSIC");
	recap_warm_up();
	if (recap_render(&r, argv[3], "film.mp4", NULL, NULL, &t, &failure) != MEDIA_OK) {
		fprintf(stderr, "%s: %s\n", failure.message, failure.detail);
		return 1;
	}
	for (int i = 0; i < RECAP_PARTS; i++)
		all += t.cpu_s[i];
	printf("bench recap_%s_%s%s film_s %.2f cpu_s %.1f ratio %.2f sound %.3f scenes %.3f clips %.3f compose %.3f encode %.3f\n", r.style, argv[2],
	    argc > 4 ? "_clips" : "", t.film_s, all, all / t.film_s, t.cpu_s[RECAP_SOUND] / t.film_s, t.cpu_s[RECAP_SCENES] / t.film_s,
	    t.cpu_s[RECAP_CLIPS] / t.film_s, t.cpu_s[RECAP_COMPOSE] / t.film_s, t.cpu_s[RECAP_ENCODE] / t.film_s);
	talloc_free(mem);
	return 0;
}
