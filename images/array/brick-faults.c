/*
 * Makes chosen operations of a GlusterFS brick fail with a chosen errno. Preloaded into the faulty head (array-ctl).
 *
 * What fails is read at every call from a small shared file, named by BRICK_FAULTS, so that it can be changed while the
 * brick runs: one rule an operation, in the order of enum operation below, all fields in the machine's byte order.
 * Only files of the brick are meant: positioned reads and writes (the RPC sockets use the plain ones), and paths under
 * BRICK_ROOT. GlusterFS keeps a second name of every file under .glusterfs; making those is its own affair and not the
 * client's, so only opening them counts: that is how it opens files.
 *
 * libfiu's POSIX preload would have been the obvious tool. It does not know openat and link, and it can deadlock while
 * the brick loads its translators: the first lookup of a failure point calls dlsym with libfiu's lock held, and a
 * dlopen elsewhere calls libfiu's malloc with the loader's lock held.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum operation { WRITE, READ, FSYNC, TRUNCATE, OPEN, CREATE, RENAME, LINK, UNLINK, MKDIR, OPERATIONS };

struct rule {
  volatile uint32_t error;  /* errno; 0: the operation works */
  volatile uint32_t chance; /* fails when a random 32 bit number is at most this */
  volatile uint64_t failed; /* how many calls were made to fail */
};

static struct rule *rules;
static const char *root = "/srv/brick";
static __thread uint64_t random_state;

static struct {
  ssize_t (*pread)(int, void *, size_t, off_t);
  ssize_t (*pwrite)(int, const void *, size_t, off_t);
  ssize_t (*preadv)(int, const struct iovec *, int, off_t);
  ssize_t (*pwritev)(int, const struct iovec *, int, off_t);
  int (*fsync)(int);
  int (*fdatasync)(int);
  int (*truncate)(const char *, off_t);
  int (*ftruncate)(int, off_t);
  int (*openat)(int, const char *, int, ...);
  int (*rename)(const char *, const char *);
  int (*link)(const char *, const char *);
  int (*linkat)(int, const char *, int, const char *, int);
  int (*unlink)(const char *);
  int (*unlinkat)(int, const char *, int);
  int (*mkdir)(const char *, mode_t);
  int (*mkdirat)(int, const char *, mode_t);
  int (*mknod)(const char *, mode_t, dev_t);
  int (*mknodat)(int, const char *, mode_t, dev_t);
} real;

/* Everything is looked up here, before there is a second thread: a lookup later could meet a dlopen. */
__attribute__((constructor)) static void start(void) {
  *(void **)&real.pread = dlsym(RTLD_NEXT, "pread64");
  *(void **)&real.pwrite = dlsym(RTLD_NEXT, "pwrite64");
  *(void **)&real.preadv = dlsym(RTLD_NEXT, "preadv64");
  *(void **)&real.pwritev = dlsym(RTLD_NEXT, "pwritev64");
  *(void **)&real.fsync = dlsym(RTLD_NEXT, "fsync");
  *(void **)&real.fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  *(void **)&real.truncate = dlsym(RTLD_NEXT, "truncate64");
  *(void **)&real.ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  *(void **)&real.openat = dlsym(RTLD_NEXT, "openat64");
  *(void **)&real.rename = dlsym(RTLD_NEXT, "rename");
  *(void **)&real.link = dlsym(RTLD_NEXT, "link");
  *(void **)&real.linkat = dlsym(RTLD_NEXT, "linkat");
  *(void **)&real.unlink = dlsym(RTLD_NEXT, "unlink");
  *(void **)&real.unlinkat = dlsym(RTLD_NEXT, "unlinkat");
  *(void **)&real.mkdir = dlsym(RTLD_NEXT, "mkdir");
  *(void **)&real.mkdirat = dlsym(RTLD_NEXT, "mkdirat");
  *(void **)&real.mknod = dlsym(RTLD_NEXT, "mknod");
  *(void **)&real.mknodat = dlsym(RTLD_NEXT, "mknodat");

  if (getenv("BRICK_ROOT")) root = getenv("BRICK_ROOT");
  const char *path = getenv("BRICK_FAULTS");
  if (!path) return;
  int file = real.openat(AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  if (file < 0) return;
  void *shared = mmap(NULL, sizeof(struct rule) * OPERATIONS, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (shared != MAP_FAILED) rules = shared;
}

static uint32_t random_number(void) {
  if (random_state == 0) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    random_state = ((uint64_t)now.tv_nsec << 32) ^ (uint64_t)now.tv_sec ^ (uint64_t)syscall(SYS_gettid) << 17 ^ 1;
  }
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (uint32_t)(random_state >> 32);
}

static int fails(enum operation operation) {
  if (!rules) return 0;
  struct rule *rule = &rules[operation];
  uint32_t error = rule->error;
  if (error == 0 || random_number() > rule->chance) return 0;
  __atomic_fetch_add(&rule->failed, 1, __ATOMIC_RELAXED);
  errno = (int)error;
  return 1;
}

static int in_brick(const char *path) { return strncmp(path, root, strlen(root)) == 0; }
static int is_internal(const char *path) { return strstr(path, ".glusterfs") != NULL; }
/* Names relative to a folder that is open are how GlusterFS reaches into .glusterfs. */
static int is_users(const char *path) { return in_brick(path) && !is_internal(path); }

ssize_t pread64(int file, void *buffer, size_t size, off_t offset) {
  return fails(READ) ? -1 : real.pread(file, buffer, size, offset);
}
ssize_t preadv64(int file, const struct iovec *vector, int count, off_t offset) {
  return fails(READ) ? -1 : real.preadv(file, vector, count, offset);
}
ssize_t pwrite64(int file, const void *buffer, size_t size, off_t offset) {
  return fails(WRITE) ? -1 : real.pwrite(file, buffer, size, offset);
}
ssize_t pwritev64(int file, const struct iovec *vector, int count, off_t offset) {
  return fails(WRITE) ? -1 : real.pwritev(file, vector, count, offset);
}
int fsync(int file) { return fails(FSYNC) ? -1 : real.fsync(file); }
int fdatasync(int file) { return fails(FSYNC) ? -1 : real.fdatasync(file); }
int truncate64(const char *path, off_t size) {
  return in_brick(path) && fails(TRUNCATE) ? -1 : real.truncate(path, size);
}
int ftruncate64(int file, off_t size) { return fails(TRUNCATE) ? -1 : real.ftruncate(file, size); }

static int opened(int folder, const char *path, int flags, mode_t mode) {
  if (flags & O_CREAT) {
    if (is_users(path) && fails(CREATE)) return -1;
  } else if (!(flags & O_DIRECTORY) && (in_brick(path) || (folder != AT_FDCWD && path[0] != '/'))) {
    if (fails(OPEN)) return -1;
  }
  return real.openat(folder, path, flags, mode);
}
static mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(arguments, mode_t) : 0;
}
int openat64(int folder, const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return opened(folder, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return opened(AT_FDCWD, path, flags, mode);
}
int creat64(const char *path, mode_t mode) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int rename(const char *from, const char *to) {
  if (is_users(to) && fails(RENAME)) return -1;
  /* A file that is still open is not unlinked but put aside. */
  if (is_users(from) && is_internal(to) && fails(UNLINK)) return -1;
  return real.rename(from, to);
}
int link(const char *from, const char *to) { return is_users(to) && fails(LINK) ? -1 : real.link(from, to); }
int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
  return is_users(to) && fails(LINK) ? -1 : real.linkat(from_folder, from, to_folder, to, flags);
}
int unlink(const char *path) { return is_users(path) && fails(UNLINK) ? -1 : real.unlink(path); }
int unlinkat(int folder, const char *path, int flags) {
  return is_users(path) && fails(UNLINK) ? -1 : real.unlinkat(folder, path, flags);
}
int mkdir(const char *path, mode_t mode) { return is_users(path) && fails(MKDIR) ? -1 : real.mkdir(path, mode); }
int mkdirat(int folder, const char *path, mode_t mode) {
  return is_users(path) && fails(MKDIR) ? -1 : real.mkdirat(folder, path, mode);
}
int mknod(const char *path, mode_t mode, dev_t device) {
  return is_users(path) && fails(CREATE) ? -1 : real.mknod(path, mode, device);
}
int mknodat(int folder, const char *path, mode_t mode, dev_t device) {
  return is_users(path) && fails(CREATE) ? -1 : real.mknodat(folder, path, mode, device);
}
