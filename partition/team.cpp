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

// What cores tell each other is what a short loop costs, so it is on as few cache lines as can be: one that the leader
// writes to open and to close a loop, and one of each member. Whatever a loop reads is on these.
struct Team::State {
  struct alignas(kCacheLine) Member {
    // The loop that its indices belong to (32 bits of its phase), and how many of them have been taken: whoever comes
    // first opens it.
    std::atomic<std::uint64_t> taken{0};
    std::atomic<bool> inside{false};
  };

  explicit State(int size) : members(static_cast<std::size_t>(size)) {}

  // Odd while a loop is open. A worker says that it is inside and looks again before it touches the loop, the leader closes
  // the loop and waits until nobody is in: whichever comes first in the one order of these operations, they agree.
  alignas(kCacheLine) std::atomic<std::uint64_t> phase{0};
  void (*function)(const void*, std::size_t) = nullptr;
  const void* context = nullptr;
  std::size_t count = 0;
  std::vector<Member> members;
  std::atomic<bool> ended{false};

  alignas(kCacheLine) std::atomic<int> joined{0};
  bool looping = false;  // the leader's: is it in a loop
  std::mutex guard;
  std::exception_ptr failure;

  void work(std::size_t member, std::uint64_t phase_of_loop) {
    for (std::size_t step = 0; step < members.size(); ++step)
      work_for((member + step) % members.size(), phase_of_loop & kTaken);
  }
  // The indices that a member begins with, as far as nobody has taken them.
  void work_for(std::size_t member, std::uint64_t loop) {
    const std::size_t begin = count * member / members.size(), end = count * (member + 1) / members.size();
    std::atomic<std::uint64_t>& taken = members[member].taken;
    for (std::uint64_t now = taken.load(std::memory_order_relaxed);;) {
      const std::uint64_t mine = now >> 32 == loop ? now & kTaken : 0;
      if (mine >= end - begin) return;
      if (!taken.compare_exchange_weak(now, loop << 32 | (mine + 1), std::memory_order_relaxed)) continue;
      try {
        function(context, begin + mine);
      } catch (...) {
        const std::lock_guard lock(guard);
        if (!failure) failure = std::current_exception();
      }
      now = taken.load(std::memory_order_relaxed);
    }
  }
  // No member has as many indices, and none is left alone for so many loops.
  static constexpr std::uint64_t kTaken = (std::uint64_t{1} << 32) - 1;

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
    if (member >= static_cast<int>(state->members.size())) return;
    t_member = member;
    std::atomic<bool>& inside = state->members[static_cast<std::size_t>(member)].inside;
    std::uint64_t seen = 0;
    for (;;) {
      // Before `ended`: whoever sees the last phase sees that it is the last.
      const std::uint64_t now = state->phase.load();
      if (state->ended) break;
      if (now % 2 == 0 || now == seen) {
        state->wait(now);
        continue;
      }
      inside = true;
      if (state->phase.load() == now) state->work(static_cast<std::size_t>(member), now);
      inside.store(false, std::memory_order_release);
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
  state.function = function;
  state.context = context;
  state.count = count;
  state.looping = true;
  const std::uint64_t phase = ++state.phase;
  state.phase.notify_all();
  state.work(0, phase);
  ++state.phase;
  for (const State::Member& member : state.members)
    while (member.inside) pause();
  state.looping = false;
  if (state.failure) std::rethrow_exception(std::exchange(state.failure, nullptr));
  return true;
}

}  // namespace gasket::parallel
