#include "curlew/base/thread.hpp"

#include <pthread.h>
#include <sys/resource.h>

#include <csignal>
#include <utility>

namespace curlew {

std::jthread start_thread(const std::string& name, std::function<void(std::stop_token)> body) {
  return std::jthread([name, body = std::move(body)](const std::stop_token& stop) {
    sigset_t ours_not;  // the main thread alone hears of these
    sigemptyset(&ours_not);
    sigaddset(&ours_not, SIGINT);
    sigaddset(&ours_not, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ours_not, nullptr);
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
    body(stop);
  });
}

void give_way() {
  constexpr int kSteps = 5;  // a third of the share of a thread that has its usual priority
  // Linux keeps this for each thread, 0 being the calling one; lowering it is allowed to everybody.
  setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + kSteps);
}

}  // namespace curlew
