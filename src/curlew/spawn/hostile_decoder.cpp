#include "curlew/spawn/hostile_decoder.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace curlew {
namespace {

constexpr std::string_view kMark = "curlew-test:";

/// "open EPERM, " or "open SUCCEEDED, ".
std::string told(std::string_view name, long result) {
  const char* how = result >= 0 ? "SUCCEEDED" : strerrorname_np(errno);
  return std::string(name) + " " + how + ", ";
}

[[noreturn]] void hang() {
  const timespec long_time{.tv_sec = 3600, .tv_nsec = 0};
  for (;;) nanosleep(&long_time, nullptr);
}

[[noreturn]] void spin() {
  std::atomic<unsigned> turns = 0;
  for (;;) ++turns;
}

Result<DecodedPicture> eat() {
  std::vector<std::unique_ptr<char[]>> eaten;
  constexpr std::size_t kBite = std::size_t{16} << 20U;
  for (;;) {
    eaten.push_back(std::make_unique<char[]>(kBite));  // written to, and so really there
  }
}

DecodedPicture lie() {
  DecodedPicture picture;
  picture.info.width_px = 1 << 30;
  picture.info.height_px = -1;
  return picture;
}

Result<DecodedPicture> misbehave(std::string_view how) {
  if (how.starts_with("crash")) raise(SIGSEGV);
  if (how.starts_with("abort")) std::abort();
  if (how.starts_with("exit")) _exit(0);
  if (how.starts_with("hang")) hang();
  if (how.starts_with("spin")) spin();
  if (how.starts_with("lie")) return lie();
  if (how.starts_with("escape")) return failure(ErrorCode::kDecodeFailed, try_to_escape());
  return eat();
}

}  // namespace

std::string try_to_escape() {
  std::string tries;
  tries += told("open", open("/etc/passwd", O_RDONLY));
  tries += told("create", open("/tmp/curlew-was-here", O_WRONLY | O_CREAT, 0600));
  tries += told("socket", socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  tries += told("connect", connect(3, reinterpret_cast<sockaddr*>(&to), sizeof to));
  tries += told("sendto", sendto(3, "x", 1, 0, reinterpret_cast<sockaddr*>(&to), sizeof to));
  char name[] = "/bin/true";
  char* argv[] = {name, nullptr};
  tries += told("exec", execve(name, argv, nullptr));
  tries += told("fork", fork());
  tries += told("ptrace", ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr));
  tries += told("kill", kill(getppid(), SIGTERM));
  tries += told("unlink", unlink("/tmp/curlew-was-here"));
  tries += told("read", static_cast<long>(read(0, name, 1)));
  const rlimit more{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
  tries += told("setrlimit", setrlimit(RLIMIT_CPU, &more));
  void* code = mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  tries += told("mmap-exec", code == MAP_FAILED ? -1 : 0);
  return tries;
}

Result<DecodedPicture> HostileDecoder::decode_into(std::span<const std::byte> bytes, const InputFormat& format,
                                                   std::span<std::uint8_t> rgb) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(kMark)) return decoder_->decode_into(bytes, format, rgb);
  try {
    return misbehave(text.substr(kMark.size()));
  } catch (const std::bad_alloc&) {
    return failure(ErrorCode::kInternal, "there was not enough memory for this picture");
  }
}

}  // namespace curlew
