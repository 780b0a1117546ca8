#include "partition/beside.hpp"

#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "partition/parallel.hpp"

namespace gasket::parallel {

namespace detail {
void lend_threads(int count, const std::function<void()>& work);
}

namespace {

// Shared with helpers that begin when everything is over: they find the door shut.
struct Beside {
  std::mutex guard;
  bool shut = false;
  int begun = 0;
  std::atomic<int> inside{0};
  std::atomic<bool> stop{false};
  std::exception_ptr failure;

  // 0: too late.
  int enter() {
    const std::lock_guard lock(guard);
    if (shut) return 0;
    ++inside;
    return ++begun;
  }
  void fail() {
    const std::lock_guard lock(guard);
    if (!failure) failure = std::current_exception();
    stop = true;
  }
};

}  // namespace

void run_beside(const std::function<void(const std::atomic<bool>&)>& main,
                const std::function<void(int, const std::atomic<bool>&)>& helper) {
  const auto state = std::make_shared<Beside>();
  if (threads() > 1)
    detail::lend_threads(threads() - 1, [state, &helper] {
      const int worker = state->enter();
      if (worker == 0) return;
      try {
        helper(worker, state->stop);
      } catch (...) {
        state->fail();
      }
      --state->inside;
    });
  try {
    main(state->stop);
  } catch (...) {
    state->fail();
  }
  {
    const std::lock_guard lock(state->guard);
    state->shut = true;
    state->stop = true;
  }
  Backoff backoff;
  while (state->inside > 0) backoff.wait();
  if (state->failure) std::rethrow_exception(state->failure);
}

void Backoff::wait() {
  constexpr int kPauses = 64, kYields = 256;
  if (++turns_ < kPauses) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  } else if (turns_ < kYields) {
    std::this_thread::yield();
  } else {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
}

}  // namespace gasket::parallel
