/* fuzz_probe.c - what an upload meets first: any bytes at all, opened as a film. */
#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "worker/media/media.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct media_limits limits = { .probe_deadline_ms = 2000 };
	struct media_failure failure;
	struct media_info info;
	char path[40];
	int fd = memfd_create("probe", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (media_probe(path, &limits, &info, &failure) != MEDIA_OK && (!failure.message || !failure.message[0]))
		abort();
	close(fd);
	return 0;
}
