#include "partition/io/unfinished.hpp"

#include <semaphore.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

namespace gasket {
namespace {

struct Registry {
  std::mutex guard;
  std::set<std::string> paths;
};

// Never destroyed: a signal may come while the program ends.
Registry& registry() {
  static Registry* const all = new Registry;
  return *all;
}

sem_t interrupted;
std::atomic<int> signal_number = 0;

extern "C" void note_signal(int number) {
  const int error = errno;
  signal_number = number;
  sem_post(&interrupted);
  errno = error;
}

void await_signal() {
  while (sem_wait(&interrupted) != 0) {
  }
  remove_unfinished();
  std::signal(signal_number, SIG_DFL);
  kill(getpid(), signal_number);
}

}  // namespace

Unfinished::Unfinished(std::string path) : path_(std::move(path)) {
  const std::lock_guard lock(registry().guard);
  registry().paths.insert(path_);
}

Unfinished::~Unfinished() {
  if (path_.empty()) return;
  const std::lock_guard lock(registry().guard);
  registry().paths.erase(path_);
}

void remove_unfinished() {
  using namespace std::chrono_literals;
  constexpr int kTries = 20;
  const std::lock_guard lock(registry().guard);
  for (const std::string& path : registry().paths) {
    std::error_code error;
    // Other ranks may still write into a folder.
    for (int i = 0; i < kTries; ++i) {
      std::filesystem::remove_all(path, error);
      if (!error) break;
      std::this_thread::sleep_for(20ms);
    }
  }
}

void remove_unfinished_when_interrupted() {
  sem_init(&interrupted, 0, 0);
  std::thread(await_signal).detach();
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {
    }, before{};
    if (sigaction(number, nullptr, &before) != 0 || before.sa_handler != SIG_DFL) continue;
    action.sa_handler = note_signal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(number, &action, nullptr);
  }
}

}  // namespace gasket
