#include "partition/team.hpp"

#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "partition/parallel.hpp"

namespace gasket::parallel {

namespace detail {
/// Runs `work` once on each of `count` other threads, as they come free; does not wait for it.
void lend_threads(int count, const std::function<void()>& work);
}  // namespace detail

namespace {

constexpr std::size_t kCacheLine = 64;

// How long a waiting worker looks before it lets others have the core, and before it sleeps.
constexpr int kSpins = 4000;
constexpr int kYields = 200;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

struct Team::State {
  // The indices that one member begins with.
  struct alignas(kCacheLine) Lane {
    std::atomic<std::size_t> next{0};
    std::size_t end = 0;
  };

  explicit State(int members) : lanes(static_cast<std::size_t>(members)) {}

  std::vector<Lane> lanes;
  void (*function)(const void*, std::size_t) = nullptr;
  const void* context = nullptr;

  // Odd while a loop is open. A worker counts itself in and looks again before it touches the loop, the leader closes
  // the loop and waits until nobody is in: whichever comes first in the one order of these operations, they agree.
  alignas(kCacheLine) std::atomic<std::uint64_t> phase{0};
  alignas(kCacheLine) std::atomic<int> inside{0};
  std::atomic<int> joined{0};
  std::atomic<bool> ended{false};
  bool looping = false;  // the leader's: is it in a loop
  std::mutex guard;
  std::exception_ptr failure;

  void work(std::size_t member) {
    for (std::size_t step = 0; step < lanes.size(); ++step) {
      Lane& lane = lanes[(member + step) % lanes.size()];
      for (std::size_t i = lane.next.fetch_add(1, std::memory_order_relaxed); i < lane.end;
           i = lane.next.fetch_add(1, std::memory_order_relaxed)) {
        try {
          function(context, i);
        } catch (...) {
          const std::lock_guard lock(guard);
          if (!failure) failure = std::current_exception();
        }
      }
    }
  }

  // Waits for a phase other than `seen`.
  std::uint64_t wait(std::uint64_t seen) {
    for (int i = 0; i < kSpins; ++i) {
      if (const std::uint64_t now = phase.load(); now != seen) return now;
      pause();
    }
    for (int i = 0; i < kYields; ++i) {
      if (const std::uint64_t now = phase.load(); now != seen) return now;
      std::this_thread::yield();
    }
    phase.wait(seen);
    return phase.load();
  }
};

namespace {
thread_local Team* t_led = nullptr;
thread_local int t_member = -1;
}  // namespace

Team::Team() {
  if (threads() == 1 || !enough_cores() || t_led != nullptr) return;
  state_ = std::make_shared<State>(threads());
  t_led = this;
  t_member = 0;
  detail::lend_threads(threads() - 1, [state = state_] {
    const int member = ++state->joined;
    if (member >= static_cast<int>(state->lanes.size())) return;
    t_member = member;
    std::uint64_t seen = 0;
    for (;;) {
      // Before `ended`: whoever sees the last phase sees that it is the last.
      const std::uint64_t now = state->phase.load();
      if (state->ended) break;
      if (now % 2 == 0 || now == seen) {
        state->wait(now);
        continue;
      }
      ++state->inside;
      if (state->phase.load() == now) state->work(static_cast<std::size_t>(member));
      --state->inside;
      seen = now;
    }
    t_member = -1;
  });
}

Team::~Team() {
  if (!state_) return;
  t_led = nullptr;
  t_member = -1;
  state_->ended = true;
  state_->phase += 2;
  state_->phase.notify_all();
}

int Team::member() { return t_member; }

bool Team::run(std::size_t count, void (*function)(const void*, std::size_t), const void* context) {
  if (t_member < 0) return false;
  if (t_led == nullptr || t_led->state_->looping) {  // inside a loop of the team
    for (std::size_t i = 0; i < count; ++i) function(context, i);
    return true;
  }
  State& state = *t_led->state_;
  const std::size_t members = state.lanes.size();
  for (std::size_t m = 0; m < members; ++m) {
    state.lanes[m].next.store(count * m / members, std::memory_order_relaxed);
    state.lanes[m].end = count * (m + 1) / members;
  }
  state.function = function;
  state.context = context;
  state.looping = true;
  ++state.phase;
  state.phase.notify_all();
  state.work(0);
  ++state.phase;
  while (state.inside != 0) pause();
  state.looping = false;
  if (state.failure) std::rethrow_exception(std::exchange(state.failure, nullptr));
  return true;
}

}  // namespace gasket::parallel
