#include "partition/parallel.hpp"

#include <sched.h>

#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#ifndef GASKET_STD_THREADS
#include <tbb/global_control.h>
#endif

namespace gasket::parallel {

int available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0)
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return std::max(1, CPU_COUNT(&set));
}

namespace {
double g_core_share = 0;  // 0: not told
}

void set_core_share(double cores) { g_core_share = cores; }
bool enough_cores() {
  const double share = g_core_share > 0 ? g_core_share : available_cores();
  return threads() <= share + 1e-9;
}

#ifdef GASKET_STD_THREADS

namespace {
int g_threads = 1;
thread_local int t_index = 0;
}  // namespace

int threads() { return g_threads; }
void set_threads(int count) { g_threads = std::max(1, count); }
int worker_index() { return Team::member() > 0 ? Team::member() : t_index; }

namespace detail {
void run_on_all(const std::function<void()>& work) {
  std::exception_ptr failure;
  std::mutex guard;
  const auto guarded = [&](int index) {
    const int outer = std::exchange(t_index, index);
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(guard);
      if (!failure) failure = std::current_exception();
    }
    t_index = outer;
  };
  std::vector<std::jthread> others;
  for (int i = 1; i < g_threads; ++i) others.emplace_back(guarded, i);
  guarded(0);
  others.clear();
  if (failure) std::rethrow_exception(failure);
}

void lend_threads(int count, const std::function<void()>& work) {
  for (int i = 0; i < count; ++i) std::thread(work).detach();
}
}  // namespace detail

#else

namespace {
struct Pool {
  explicit Pool(int count)
      : limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(count)), arena(count) {}
  tbb::global_control limit;  // lets the arena have more workers than the affinity mask shows, when asked
  tbb::task_arena arena;
};
int g_threads = 1;
std::unique_ptr<Pool> g_pool;
}  // namespace

int threads() { return g_threads; }

void set_threads(int count) {
  g_threads = std::max(1, count);
  g_pool.reset();
  if (g_threads > 1) g_pool = std::make_unique<Pool>(g_threads);
}

int worker_index() {
  if (g_threads == 1) return 0;
  if (Team::member() >= 0) return Team::member();
  return std::max(0, tbb::this_task_arena::current_thread_index());
}

namespace detail {
tbb::task_arena& arena() { return g_pool->arena; }

void lend_threads(int count, const std::function<void()>& work) {
  for (int i = 0; i < count; ++i) g_pool->arena.enqueue(work);
}
}  // namespace detail

#endif

}  // namespace gasket::parallel
