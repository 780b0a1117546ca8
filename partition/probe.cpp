#include "partition/probe.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>

#include "partition/big_array.hpp"
#include "partition/io/generate.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

// Rows of in-neighbours.
struct Rows {
  BigArray<std::uint32_t> offsets;
  BigArray<std::uint32_t> neighbours;
};

Rows make_rows(const GeneratorSpec& spec) {
  std::vector<EdgeChunk> chunks;
  std::mutex guard;
  open_generator(spec, {0, 1})->read_edges([&](EdgeChunk&& chunk) {
    const std::lock_guard lock(guard);
    chunks.push_back(std::move(chunk));
  });
  const auto for_each_edge = [&](const auto& visit) {
    for (const EdgeChunk& chunk : chunks)
      chunk.for_each([&](GlobalId source, GlobalId target, std::size_t) { visit(source, target); });
  };
  Rows rows;
  const std::size_t vertices = std::size_t{1} << spec.scale;
  rows.offsets = BigArray<std::uint32_t>(vertices + 2);
  for_each_edge([&](GlobalId, GlobalId target) { ++rows.offsets[target + 2]; });
  std::partial_sum(rows.offsets.begin(), rows.offsets.end(), rows.offsets.begin());
  rows.neighbours = BigArray<std::uint32_t>(rows.offsets[vertices + 1]);
  // The begin of row v moves on to its end, which is the begin of row v + 1.
  for_each_edge([&](GlobalId source, GlobalId target) {
    rows.neighbours[rows.offsets[target + 1]++] = static_cast<std::uint32_t>(source);
  });
  return rows;
}

void gather(const Rows& rows, const BigArray<double>& values, BigArray<double>& sums) {
  parallel::for_ranges(sums.size(), 1024, [&](std::size_t begin, std::size_t end) {
    for (std::size_t v = begin; v < end; ++v) {
      double sum = 0;
      for (std::uint32_t i = rows.offsets[v]; i < rows.offsets[v + 1]; ++i) sum += values[rows.neighbours[i]];
      sums[v] = sum;
    }
  });
}

}  // namespace

double measure_speed(Communicator& comm, std::chrono::milliseconds time) {
  const GeneratorSpec spec = parse_generator("rmat:scale=16,edge-factor=16");
  const Rows rows = make_rows(spec);
  BigArray<double> values(rows.offsets.size() - 2, 1.0), sums(values.size());
  gather(rows, values, sums);
  comm.any(false);  // all begin together
  const auto begin = std::chrono::steady_clock::now();
  double arcs = 0;
  std::chrono::duration<double> passed(0);
  do {
    gather(rows, values, sums);
    arcs += static_cast<double>(rows.neighbours.size());
    passed = std::chrono::steady_clock::now() - begin;
  } while (passed < time);
  return arcs / passed.count();
}

std::vector<double> weights_of(std::vector<double> speeds) {
  const double mean = std::reduce(speeds.begin(), speeds.end()) / static_cast<double>(speeds.size());
  const bool alike = std::ranges::all_of(speeds, [&](double speed) { return std::abs(speed / mean - 1) < 0.1; });
  for (double& speed : speeds) speed = alike ? 1 : std::max(0.01, std::round(100 * speed / mean) / 100);
  return speeds;
}

}  // namespace gasket
