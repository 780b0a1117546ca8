// The kernels: what each runs, and what its answer is known by. A new kernel is one function and one line of kKernels.

#include <fmt/format.h>

#include <functional>
#include <numeric>
#include <span>

#include "apps/bfs.hpp"
#include "apps/pagerank.hpp"
#include "apps/sssp.hpp"
#include "apps/wcc.hpp"
#include "bench/kernels/kernel.hpp"
#include "engine/betweenness.hpp"
#include "engine/components.hpp"
#include "engine/label_propagation.hpp"
#include "engine/output.hpp"
#include "engine/step.hpp"
#include "engine/sync_engine.hpp"
#include "engine/triangles.hpp"
#include "partition/graph/weight_facts.hpp"
#include "partition/hash.hpp"

namespace gasket::bench {
namespace {

// Times work() -> RunResult on all ranks together; the answer is taken after the clock has stopped.
template <class Work, class Answer>
Trial measure(Communicator& comm, const Work& work, const Answer& answer) {
  comm.any(false);  // nobody starts before all are here
  const std::uint64_t bytes_before = comm.bytes_sent();
  const Stopwatch watch;
  const auto result = work();
  Trial trial;
  trial.seconds = watch.seconds();
  trial.bytes_sent = comm.bytes_sent() - bytes_before;
  trial.seconds = comm.max(trial.seconds);
  trial.bytes_sent = comm.sum(trial.bytes_sent);
  trial.supersteps = result.record.supersteps.size();
  for (const SuperstepRecord& step : result.record.supersteps) trial.superstep_seconds += step.seconds;
  trial.answer = answer(result);
  return trial;
}

// A sum that is another one when vertices swap values: each counts by a number between 0 and 1 made of its id.
template <class T>
double checksum(const DistributedGraph& graph, const BigArray<T>& values) {
  double sum = 0;
  for (LocalId v = 0; v < graph.masters(); ++v)
    sum += static_cast<double>(values[v]) * (static_cast<double>(mix(graph.global_id(v)) >> 32) * 0x1p-32);
  return graph.communicator().sum(sum);
}

// How many vertices a search has reached, and the sum of their distances.
template <class T>
nlohmann::json search_answer(Communicator& comm, const BigArray<T>& distances, T unreached) {
  std::uint64_t reached = 0;
  double sum = 0;
  for (const T distance : distances) {
    if (distance == unreached) continue;
    ++reached;
    sum += static_cast<double>(distance);
  }
  return {{"checksum", comm.sum(sum)}, {"reached", comm.sum(reached)}};
}

template <class Value>
Trial pagerank(const DistributedGraph& graph, const Settings& settings, GlobalId) {
  Communicator& comm = graph.communicator();
  const BasicPageRank<Value> program{.tolerance = 0};
  return measure(
      comm, [&] { return run_sync(graph, program, {.max_supersteps = settings.iterations}); },
      [&](const auto& result) {
        nlohmann::json first = nlohmann::json::array();
        for (const Ranked<Value>& vertex :
             top_values(graph, result.values, 6, std::greater<>(), [](Value) { return true; }))
          first.push_back({vertex.id, vertex.value});
        return nlohmann::json{{"checksum", checksum(graph, result.values)}, {"top", first}};
      });
}

Trial bfs(const DistributedGraph& graph, const Settings&, GlobalId source) {
  return measure(
      graph.communicator(), [&] { return run_sync(graph, Bfs{.source = source}); },
      [&](const auto& result) { return search_answer(graph.communicator(), result.values, Bfs::unreached); });
}

template <class Distance>
Trial sssp_in(const DistributedGraph& graph, const Settings& settings, GlobalId source) {
  BasicSssp<Distance> program{.source = source};
  if (settings.delta) program.delta = *settings.delta;
  return measure(
      graph.communicator(), [&] { return run_sync(graph, program); },
      [&](const auto& result) {
        nlohmann::json answer = search_answer(graph.communicator(), result.values, program.unreached);
        answer["values"] = std::is_integral_v<Distance> ? "uint32" : "double";
        return answer;
      });
}
// Distances are doubles, or whole numbers where all of them can be.
Trial sssp(const DistributedGraph& graph, const Settings& settings, GlobalId source) {
  const WeightFacts facts = measure_weights(graph);
  return facts.whole && fits_32_bits(graph.vertices(), facts.highest) ? sssp_in<std::uint32_t>(graph, settings, source)
                                                                      : sssp_in<double>(graph, settings, source);
}

Trial communities(const DistributedGraph& graph, const Settings&, GlobalId) {
  Communicator& comm = graph.communicator();
  return measure(
      comm, [&] { return propagate_labels(graph, {}); },
      [&](const auto& result) {
        return nlohmann::json{{"checksum", checksum(graph, result.labels)}};
      });
}

// Each component is named after its smallest vertex.
nlohmann::json components_answer(const DistributedGraph& graph, const BigArray<std::uint32_t>& labels) {
  std::uint64_t components = 0;
  for (LocalId v = 0; v < graph.masters(); ++v) components += labels[v] == graph.global_id(v) ? 1 : 0;
  components = graph.communicator().sum(components);
  return {{"checksum", checksum(graph, labels)}, {"components", components}};
}
void need_32_bits(const DistributedGraph& graph) {
  if (graph.vertices() >= (GlobalId{1} << 32)) throw_agreed(UsageError("wcc is measured with labels of 32 bits"));
}
Trial wcc(const DistributedGraph& graph, const Settings&, GlobalId) {
  need_32_bits(graph);
  return measure(
      graph.communicator(), [&] { return find_components<std::uint32_t>(graph); },
      [&](const auto& result) { return components_answer(graph, result.labels); });
}
Trial wcc_program(const DistributedGraph& graph, const Settings&, GlobalId) {
  need_32_bits(graph);
  return measure(
      graph.communicator(), [&] { return run_sync(graph, Wcc<std::uint32_t>()); },
      [&](const auto& result) { return components_answer(graph, result.values); });
}

Trial triangles(const DistributedGraph& graph, const Settings&, GlobalId) {
  return measure(
      graph.communicator(), [&] { return count_triangles(graph); },
      [](const auto& result) {
        return nlohmann::json{{"checksum", result.triangles}, {"triangles", result.triangles}};
      });
}
Trial lcc(const DistributedGraph& graph, const Settings&, GlobalId) {
  return measure(
      graph.communicator(), [&] { return local_clustering(graph); },
      [](const auto& result) {
        return nlohmann::json{{"checksum", result.average}};
      });
}

// The dependencies of one source; the checksum is their sum.
Trial betweenness(const DistributedGraph& graph, const Settings&, GlobalId source) {
  return measure(
      graph.communicator(), [&] { return sum_dependencies(graph, std::span(&source, 1)); },
      [&](const auto& result) {
        const double sum = std::accumulate(result.scores.begin(), result.scores.end(), 0.0);
        return nlohmann::json{{"checksum", graph.communicator().sum(sum)}, {"reached", result.record.updates}};
      });
}

// Of a vertex PageRank must at least move: row offset and out-degree, its share read once, share and rank written.
template <class Value>
constexpr std::size_t kPageRankBytes = 4 + 4 + 3 * sizeof(Value);

const Kernel kKernels[] = {
    {"pagerank", "double", adjacency_need<PageRank>(), false, false, kPageRankBytes<double>, &pagerank<double>},
    {"pagerank", "float", adjacency_need<BasicPageRank<float>>(), false, false, kPageRankBytes<float>,
     &pagerank<float>},
    {"bfs", "uint32", adjacency_need<Bfs>(), false, true, 0, &bfs},
    {"sssp", "double", adjacency_need<Sssp>(), true, true, 0, &sssp},
    {"wcc", "uint32", components_need(), false, false, 0, &wcc},
    {"wcc-program", "uint32", adjacency_need<Wcc<std::uint32_t>>(), false, false, 0, &wcc_program},
    {"cdlp", "uint32", {true, true}, false, false, 0, &communities},
    {"triangles", "uint64", triangles_need(), false, false, 0, &triangles},
    {"lcc", "double", triangles_need(), false, false, 0, &lcc},
    {"betweenness", "double", betweenness_need(), false, true, 0, &betweenness},
};

}  // namespace

std::vector<std::string> kernel_names() {
  std::vector<std::string> names;
  for (const Kernel& kernel : kKernels) names.push_back(fmt::format("{}:{}", kernel.name, kernel.values));
  return names;
}

const Kernel& find_kernel(const std::string& name, const std::string& values) {
  for (const Kernel& kernel : kKernels)
    if (kernel.name == name && (values.empty() || kernel.values == values)) return kernel;
  throw UsageError(fmt::format("there is no kernel {}{}{}; there are: {} stream", name, values.empty() ? "" : ":",
                               values, fmt::join(kernel_names(), " ")));
}

}  // namespace gasket::bench
