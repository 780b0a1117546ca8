#pragma once
// A kernel as the benchmark sees it: what it needs, and a function that runs it once and says what it found.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "partition/graph/distributed_graph.hpp"

namespace gasket::bench {

struct Settings {
  std::uint64_t iterations = 20;
  std::optional<double> delta{};
};

/// What a kernel found and how long it took, the same on every rank.
struct Trial {
  double seconds = 0;
  double superstep_seconds = 0;  // the supersteps alone, together
  std::uint64_t supersteps = 0;
  std::uint64_t bytes_sent = 0;  // by all ranks
  nlohmann::json answer;         // with "checksum"; other "values" than the kernel's if it chose them itself
};

struct Kernel {
  std::string_view name;
  std::string_view values;  // what a vertex holds; the first entry of a name is its default
  AdjacencyNeed need;
  bool weighted;
  bool searches;                 // starts from a source
  std::size_t bytes_per_vertex;  // values and offsets that a superstep must move, when it reads every arc; else 0
  Trial (*run)(const DistributedGraph& graph, const Settings& settings, GlobalId source);
};

/// Those of the table in table.cpp, as NAME:VALUES.
std::vector<std::string> kernel_names();
/// From the same; with no `values`, the kernel's default. Throws UsageError.
const Kernel& find_kernel(const std::string& name, const std::string& values);

}  // namespace gasket::bench
