#include "bench/kernels/stream.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "engine/step.hpp"
#include "partition/big_array.hpp"
#include "partition/parallel.hpp"

namespace gasket::bench {
namespace {

// Best of `trials`: seconds, over all ranks at once, that work() takes.
template <class Work>
double best_seconds(Communicator& comm, int trials, const Work& work) {
  double best = std::numeric_limits<double>::infinity();
  for (int t = 0; t <= trials; ++t) {  // one more: the first also brings the pages
    comm.any(false);
    const Stopwatch watch;
    work();
    best = std::min(best, comm.max(watch.seconds()));
  }
  return best;
}

}  // namespace

nlohmann::json measure_stream(Communicator& comm, std::size_t megabytes, int trials) {
  constexpr std::size_t kPiece = 1 << 16;
  const std::size_t size = std::max<std::size_t>(megabytes * (std::size_t{1} << 20) / sizeof(double), 1);
  BigArray<double> a(size), b(size, 1.0), c(size, 2.0);
  const double triad = best_seconds(comm, trials, [&] {
    parallel::for_ranges(size, kPiece, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) a[i] = b[i] + 3.0 * c[i];
    });
  });
  double total = 0;
  const double read = best_seconds(comm, trials, [&] {
    total += parallel::reduce_ranges<double>(
        size, kPiece, 0.0,
        [&](std::size_t begin, std::size_t end) {
          double lanes[16] = {};  // independent sums, so that memory is what limits
          std::size_t i = begin;
          for (; i + 16 <= end; i += 16)
            for (std::size_t lane = 0; lane < 16; ++lane) lanes[lane] += a[i + lane];
          for (; i < end; ++i) lanes[0] += a[i];
          return std::accumulate(std::begin(lanes), std::end(lanes), 0.0);
        },
        std::plus<>());
  });
  const double doubles = static_cast<double>(size) * comm.size();
  return {{"kernel", "stream"},
          {"ranks", comm.size()},
          {"threads", parallel::threads()},
          {"megabytes_per_array", megabytes},
          {"triad_bytes_per_second", 24 * doubles / triad},
          {"read_bytes_per_second", 8 * doubles / read},
          {"checksum", total}};
}

}  // namespace gasket::bench
