#pragma once
// The loops that run on a rank's worker threads. Everything parallel in gasket goes through here, so that
// ThreadSanitizer builds can replace oneTBB (whose packaged build it cannot see into) by std::thread.
//
// The thread that calls is one of the workers and is the only one that ever talks to the network.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "partition/team.hpp"

#ifdef GASKET_STD_THREADS
#include <atomic>
#else
#include <tbb/parallel_for.h>
#include <tbb/parallel_sort.h>
#include <tbb/task_arena.h>

#include <memory>
#endif

namespace gasket::parallel {

/// Worker threads of this rank, the caller included. 1 until set_threads is called.
int threads();
/// Sets the number of workers (at least 1). Not to be called while a loop runs.
void set_threads(int count);
/// Cores this process may run on, by its affinity mask: under mpirun's default binding often only one.
int available_cores();
/// Says how many cores this process may count on beside its neighbours; available_cores() until it is called.
void set_core_share(double cores);
/// Whether every worker has a core to itself, so that one may wait in place for another.
bool enough_cores();
/// 0 .. threads()-1: which worker runs the calling code, for per-worker buffers.
int worker_index();

#ifdef GASKET_STD_THREADS
namespace detail {
void run_on_all(const std::function<void()>& work);
}
#else
namespace detail {
tbb::task_arena& arena();
}
#endif

/// Calls body(i) for i in 0 .. count-1, each once, on all workers; idle workers take the next index. Meant
/// for blocks of work big enough to hand out one by one. An exception from a body reaches the caller.
template <class Body>
void for_each_index(std::size_t count, const Body& body) {
  if (count == 0) return;
  if (threads() == 1 || count == 1) {
    for (std::size_t i = 0; i < count; ++i) body(i);
    return;
  }
  if (Team::run(
          count, [](const void* context, std::size_t i) { (*static_cast<const Body*>(context))(i); }, &body))
    return;
#ifdef GASKET_STD_THREADS
  std::atomic<std::size_t> next{0};
  detail::run_on_all([&] {
    for (std::size_t i = next++; i < count; i = next++) body(i);
  });
#else
  detail::arena().execute([&] {
    tbb::parallel_for(
        tbb::blocked_range<std::size_t>(0, count, 1),
        [&](const tbb::blocked_range<std::size_t>& range) {
          for (std::size_t i = range.begin(); i != range.end(); ++i) body(i);
        },
        tbb::simple_partitioner{});
  });
#endif
}

/// Calls body(begin, end) on pieces of 0 .. size-1 of at most `grain` each.
template <class Body>
void for_ranges(std::size_t size, std::size_t grain, const Body& body) {
  const std::size_t pieces = (size + grain - 1) / grain;
  for_each_index(pieces, [&](std::size_t piece) {
    const std::size_t begin = piece * grain;
    body(begin, std::min(size, begin + grain));
  });
}

/// Sorts in place, on all workers. Not stable.
template <class T, class Less>
void sort(std::span<T> values, const Less& less) {
#ifdef GASKET_STD_THREADS
  std::sort(values.begin(), values.end(), less);
#else
  if (threads() == 1)
    std::sort(values.begin(), values.end(), less);
  else
    detail::arena().execute([&] { tbb::parallel_sort(values.begin(), values.end(), less); });
#endif
}

/// Folds body(begin, end) -> T over pieces of `grain`, combining in the order of the pieces: the result does
/// not depend on the number of threads.
template <class T, class Body, class Combine>
T reduce_ranges(std::size_t size, std::size_t grain, T identity, const Body& body, const Combine& combine) {
  const std::size_t pieces = (size + grain - 1) / grain;
  struct Part {  // a vector of bools would be one of bits, which workers share
    T value;
  };
  std::vector<Part> parts(pieces, Part{identity});
  for_each_index(pieces, [&](std::size_t piece) {
    const std::size_t begin = piece * grain;
    parts[piece].value = body(begin, std::min(size, begin + grain));
  });
  T total = identity;
  for (const Part& part : parts) total = combine(total, part.value);
  return total;
}

}  // namespace gasket::parallel
