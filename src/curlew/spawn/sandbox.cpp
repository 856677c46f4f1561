#include "curlew/spawn/sandbox.hpp"

#include <fmt/format.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

namespace curlew {
namespace {

struct FreeFilter {
  void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, FreeFilter>;

tl::unexpected<std::string> refused(std::string_view doing, int error) {
  return tl::make_unexpected(fmt::format("{}: {}", doing, std::strerror(error)));
}

/// A system call that is allowed, and which of its arguments where not all are.
struct Rule {
  int call;
  std::vector<scmp_arg_cmp> arguments = {};
};

scmp_arg_cmp argument_is(unsigned index, std::uint64_t value) {
  return {.arg = index, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0};
}

scmp_arg_cmp argument_lacks(unsigned index, std::uint64_t bits) {
  return {.arg = index, .op = SCMP_CMP_MASKED_EQ, .datum_a = bits, .datum_b = 0};
}

std::vector<Rule> rules_of(SandboxPurpose purpose) {
  std::vector<Rule> rules = {
      // The channel, which has no other end than the parent; and words for a person.
      {.call = SCMP_SYS(recvfrom)},
      {.call = SCMP_SYS(sendto), .arguments = {argument_is(4, 0)}},
      {.call = SCMP_SYS(write), .arguments = {argument_is(0, STDERR_FILENO)}},
      {.call = SCMP_SYS(writev), .arguments = {argument_is(0, STDERR_FILENO)}},
      {.call = SCMP_SYS(brk)},
      {.call = SCMP_SYS(munmap)},
      {.call = SCMP_SYS(mremap)},
      {.call = SCMP_SYS(madvise)},
      // What the C and C++ libraries do without being asked.
      {.call = SCMP_SYS(futex)},
      {.call = SCMP_SYS(getpid)},
      {.call = SCMP_SYS(gettid)},
      {.call = SCMP_SYS(getrandom)},
      {.call = SCMP_SYS(clock_gettime)},
      {.call = SCMP_SYS(clock_nanosleep)},
      {.call = SCMP_SYS(sched_yield)},
      {.call = SCMP_SYS(restart_syscall)},
      // The end: also by abort() and by a fault.
      {.call = SCMP_SYS(rt_sigaction)},
      {.call = SCMP_SYS(rt_sigprocmask)},
      {.call = SCMP_SYS(rt_sigreturn)},
      {.call = SCMP_SYS(sigaltstack)},
      {.call = SCMP_SYS(tgkill), .arguments = {argument_is(0, static_cast<std::uint64_t>(getpid()))}},
      {.call = SCMP_SYS(exit)},
      {.call = SCMP_SYS(exit_group)},
  };
  if (purpose == SandboxPurpose::kDecoding) {
    rules.push_back({.call = SCMP_SYS(mmap), .arguments = {argument_lacks(2, PROT_EXEC)}});
    rules.push_back({.call = SCMP_SYS(mprotect), .arguments = {argument_lacks(2, PROT_EXEC)}});
    return rules;
  }
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect), SCMP_SYS(sched_getaffinity), SCMP_SYS(membarrier)}) {
    rules.push_back({.call = call});
  }
  // A thread of the network's library may still be starting: glibc ends the process where these are refused to it.
  for (const int call : {SCMP_SYS(rseq), SCMP_SYS(set_robust_list)}) rules.push_back({.call = call});
  return rules;
}

Result<void, std::string> filter_calls(SandboxPurpose purpose) {
  const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (!filter) return tl::make_unexpected(std::string("there is no memory for a filter of system calls"));
  // All threads: those of the network's library were there before.
  if (const int status = seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1); status != 0) {
    return refused("the kernel does not filter all threads", -status);
  }
  for (const Rule& rule : rules_of(purpose)) {
    const auto count = static_cast<unsigned>(rule.arguments.size());
    const int status = seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, rule.call, count, rule.arguments.data());
    if (status != 0) return refused("the filter of system calls cannot be built", -status);
  }
  const int status = seccomp_load(filter.get());
  if (status != 0) return refused("the kernel takes no filter of system calls (seccomp)", -status);
  return {};
}

Result<void, std::string> limit(int resource, rlim_t most, std::string_view name) {
  const rlimit value{.rlim_cur = most, .rlim_max = most};
  if (setrlimit(static_cast<__rlimit_resource_t>(resource), &value) != 0) return refused(name, errno);
  return {};
}

/// The address space that this process has, in bytes; 0 where /proc is not there.
ByteCount address_space() {
  std::ifstream file("/proc/self/statm");
  ByteCount pages = 0;
  file >> pages;
  return pages * static_cast<ByteCount>(sysconf(_SC_PAGESIZE));
}

bool logs_to_a_file() {
  struct stat about {};
  return fstat(STDERR_FILENO, &about) == 0 && S_ISREG(about.st_mode);
}

// The sanitizers' shadow memory is terabytes of address space.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kLimitsMemory = false;
#else
constexpr bool kLimitsMemory = true;
#endif

}  // namespace

Result<void, std::string> enter_sandbox(const SandboxLimits& limits) {
  if (kLimitsMemory) {
    const ByteCount now = address_space();
    if (now == 0) return tl::make_unexpected(std::string("/proc tells no size of this process"));
    if (auto done = limit(RLIMIT_AS, now + limits.memory, "a limit of memory"); !done) return done;
  }
  if (auto done = limit(RLIMIT_CORE, 0, "a limit of core files"); !done) return done;
  // A log that grows is the one file there may be.
  if (!logs_to_a_file()) {
    if (auto done = limit(RLIMIT_FSIZE, 0, "a limit of files' sizes"); !done) return done;
  }
  if (auto done = limit(RLIMIT_NOFILE, 0, "a limit of files"); !done) return done;
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return refused("keeping tracers out", errno);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("giving up privileges", errno);
  return filter_calls(limits.purpose);
}

}  // namespace curlew
