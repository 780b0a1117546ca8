// Runs one kernel many times over a graph that is loaded once, and prints a line of JSON per trial: what compare.py and
// any other script reads.
//
//   kernels --graph kron.gsk --kernel bfs --trials 16 --threads 2
//   mpirun -n 2 --bind-to none kernels --graph kron.gsk --kernel pagerank --values float

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cxxopts.hpp>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "apps/bfs.hpp"
#include "apps/pagerank.hpp"
#include "apps/sssp.hpp"
#include "apps/wcc.hpp"
#include "engine/components.hpp"
#include "engine/gasket.hpp"
#include "partition/graph/weight_facts.hpp"
#include "partition/hash.hpp"

using namespace gasket;

namespace {

struct Settings {
  std::uint64_t iterations = 20;
  bool single_precision = false;
  double delta = 1;
  Direction direction = Direction::automatic;
};

/// What a trial came to. The answer is a number that another system can be held against.
struct Trial {
  RunRecord record;
  double answer = 0;
};

struct Kernel {
  bool from_source = false;
  bool weights = false;
  AdjacencyNeed need;
  std::function<Trial(const DistributedGraph&, const Settings&, GlobalId source)> run;
};

template <class T>
double total(const DistributedGraph& graph, const BigArray<T>& values, const auto& of) {
  double sum = 0;
  for (const T& value : values) sum += of(value);
  return graph.communicator().sum(sum);
}

template <class Value>
Trial pagerank(const DistributedGraph& graph, const Settings& settings) {
  SyncOptions options;
  options.max_supersteps = settings.iterations;
  options.direction = settings.direction;
  auto result = run_sync(graph, BasicPageRank<Value>{.tolerance = 0}, options);
  return {result.record, total(graph, result.values, [](Value rank) { return double{rank} * double{rank}; })};
}

template <class P>
Trial search(const DistributedGraph& graph, const Settings& settings, const P& program) {
  SyncOptions options;
  options.direction = settings.direction;
  auto result = run_sync(graph, program, options);
  const auto none = program.init({.index = program.source + 1});
  return {result.record, total(graph, result.values,
                               [&](const auto& value) { return value < none ? static_cast<double>(value) : 0.0; })};
}

// The answer is the number of vertices that are their own label.
double count_labels(const DistributedGraph& graph, const BigArray<std::uint32_t>& labels) {
  double own = 0;
  for (LocalId v = 0; v < graph.masters(); ++v) own += labels[v] == graph.global_id(v) ? 1 : 0;
  return graph.communicator().sum(own);
}

Trial components_by_program(const DistributedGraph& graph, const Settings& settings) {
  SyncOptions options;
  options.direction = settings.direction;
  auto result = run_sync(graph, Wcc<std::uint32_t>(), options);
  return {result.record, count_labels(graph, result.values)};
}

Trial components(const DistributedGraph& graph, const Settings&) {
  const auto result = find_components<std::uint32_t>(graph);
  return {result.record, count_labels(graph, result.labels)};
}

const std::map<std::string, Kernel>& kernels() {
  static const std::map<std::string, Kernel> all = {
      {"pagerank",
       {false, false, adjacency_need<PageRank>(),
        [](const DistributedGraph& graph, const Settings& settings, GlobalId) {
          return settings.single_precision ? pagerank<float>(graph, settings) : pagerank<double>(graph, settings);
        }}},
      {"bfs",
       {true, false, adjacency_need<Bfs>(),
        [](const DistributedGraph& graph, const Settings& settings, GlobalId source) {
          return search(graph, settings, Bfs{.source = source});
        }}},
      {"sssp",
       {true, true, adjacency_need<Sssp>(),
        [](const DistributedGraph& graph, const Settings& settings, GlobalId source) {
          const WeightFacts facts = measure_weights(graph);
          if (facts.whole && fits_32_bits(graph.vertices(), facts.highest))
            return search(graph, settings, BasicSssp<std::uint32_t>{.source = source, .delta = settings.delta});
          return search(graph, settings, Sssp{.source = source, .delta = settings.delta});
        }}},
      {"wcc",
       {false, false, components_need(),
        [](const DistributedGraph& graph, const Settings& settings, GlobalId) { return components(graph, settings); }}},
      {"wcc-program",
       {false, false, adjacency_need<Wcc<std::uint32_t>>(),
        [](const DistributedGraph& graph, const Settings& settings, GlobalId) {
          return components_by_program(graph, settings);
        }}},
  };
  return all;
}

/// The `count` first vertices with an out-edge on a pseudo-random walk through the ids; the same on every rank.
std::vector<GlobalId> choose_sources(const DistributedGraph& graph, std::size_t count, std::uint64_t seed) {
  std::vector<GlobalId> sources;
  for (std::uint64_t i = 0; sources.size() < count && i < 1000 * count; ++i) {
    const GlobalId candidate = mix(seed + i) % graph.vertices();
    bool has_edge = false;
    for (LocalId v = 0; v < graph.masters() && !has_edge; ++v)
      has_edge = graph.global_id(v) == candidate && graph.out_degree(v) > 0;
    if (graph.communicator().any(has_edge)) sources.push_back(candidate);
  }
  return sources;
}

std::uint64_t peak_rss(Communicator& comm) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return comm.max(static_cast<std::uint64_t>(usage.ru_maxrss) * 1024);
}

int run(Session& session, const cxxopts::ParseResult& given) {
  Communicator& comm = session.communicator();
  const std::string name = given["kernel"].as<std::string>();
  const auto found = kernels().find(name);
  if (found == kernels().end()) throw UsageError(fmt::format("there is no kernel '{}'", name));
  const Kernel& kernel = found->second;
  parallel::set_threads(given["threads"].as<int>());
  const std::string path = given["graph"].as<std::string>();
  const auto source = open_source(comm, {.path = path, .weights = kernel.weights});
  LoadOptions how;
  how.undirected = given["undirected"].as<bool>();
  how.placement = given["placement"].as<std::string>();
  how.need = kernel.need;
  const Stopwatch load_watch;
  const DistributedGraph graph = load_graph(comm, *source, how);
  const double load_seconds = load_watch.seconds();

  Settings settings;
  settings.iterations = given["iterations"].as<std::uint64_t>();
  settings.single_precision = given["values"].as<std::string>() == "float";
  settings.delta = given["delta"].as<double>();
  std::vector<GlobalId> sources{0};
  if (kernel.from_source) {
    if (given.count("source") > 0) {
      sources.clear();
      for (const ExternalId id : given["source"].as<std::vector<std::uint64_t>>())
        sources.push_back(graph.ids().find(comm, id).value());
    } else {
      sources = choose_sources(graph, given["trials"].as<std::size_t>(), 27491095);
    }
  }
  for (std::size_t trial = 0; trial < given["trials"].as<std::size_t>(); ++trial) {
    const GlobalId from = sources[trial % sources.size()];
    comm.any(false);  // together
    const Stopwatch watch;
    const Trial result = kernel.run(graph, settings, from);
    const double whole = watch.seconds();
    const std::vector<GlobalId> asked{from};
    const ExternalId from_id = graph.ids().external(comm, asked)[0];
    std::uint64_t bytes = 0;
    std::vector<double> steps;
    for (const SuperstepRecord& step : result.record.supersteps) {
      bytes += step.bytes_sent;
      steps.push_back(step.seconds);
    }
    const double seconds = std::accumulate(steps.begin(), steps.end(), 0.0);
    const std::uint64_t peak = peak_rss(comm);
    if (session.rank() == 0)
      fmt::print("{}\n", nlohmann::json{{"kernel", name},
                                        {"graph", path},
                                        {"vertices", graph.vertices()},
                                        {"arcs", graph.arcs()},
                                        {"ranks", session.size()},
                                        {"threads", parallel::threads()},
                                        {"placement", how.placement},
                                        {"values", given["values"].as<std::string>()},
                                        {"source", from_id},
                                        {"seconds", seconds},
                                        {"whole_seconds", whole},
                                        {"supersteps", steps.size()},
                                        {"bytes_sent", bytes},
                                        {"load_seconds", load_seconds},
                                        {"peak_rss_bytes", peak},
                                        {"answer", result.answer}}
                             .dump());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Session session(argc, argv);
  cxxopts::Options flags("kernels", "runs a kernel many times over one graph; a line of JSON per trial");
  flags.add_options()("graph", "file or generator", cxxopts::value<std::string>())(
      "kernel", "pagerank, bfs, sssp, wcc, wcc-program", cxxopts::value<std::string>()->default_value("pagerank"))(
      "trials", "how many times", cxxopts::value<std::size_t>()->default_value("7"))(
      "threads", "per rank", cxxopts::value<int>()->default_value("1"))(
      "undirected", "every edge holds in both directions", cxxopts::value<bool>()->default_value("false"))(
      "placement", "of the graph", cxxopts::value<std::string>()->default_value("dbh"))(
      "source", "ids to start from, in turn; else pseudo-random ones", cxxopts::value<std::vector<std::uint64_t>>())(
      "iterations", "of pagerank", cxxopts::value<std::uint64_t>()->default_value("20"))(
      "values", "of pagerank: float or double", cxxopts::value<std::string>()->default_value("double"))(
      "delta", "of sssp", cxxopts::value<double>()->default_value("1"))("help", "print this");
  try {
    const auto given = flags.parse(argc, argv);
    if (given.count("help") > 0 || given.count("graph") == 0) {
      if (session.rank() == 0) fmt::print("{}", flags.help());
      return given.count("help") > 0 ? 0 : 2;
    }
    return run(session, given);
  } catch (const std::exception& error) {
    if (session.rank() == 0) fmt::print(stderr, "kernels: {}\n", error.what());
    if (session.size() > 1) session.abort(ExitCode::failure);
    return 1;
  }
}
