// Loads a graph once and runs one kernel many times: a line of JSON per trial, which compare.py reads.
//
//   kernels --graph G.gsk --kernel bfs --trials 16 --sources 16
//   mpirun -n 2 --bind-to none kernels --graph rmat:scale=20 --undirected --kernel pagerank --values float --threads 1
//   kernels --kernel stream
//
// "seconds" is the whole of a run as a user waits for it, from the graph in memory to the values: engine, arrays, first
// values, supersteps; of the slowest rank. "checksum" and the fields after it are of the answer, so that answers can be
// compared with another system's. A new kernel is one function and one line of kKernels.

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <cxxopts.hpp>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "apps/bfs.hpp"
#include "apps/pagerank.hpp"
#include "apps/sssp.hpp"
#include "apps/wcc.hpp"
#include "engine/betweenness.hpp"
#include "engine/components.hpp"
#include "engine/label_propagation.hpp"
#include "engine/output.hpp"
#include "engine/sync_engine.hpp"
#include "engine/triangles.hpp"
#include "partition/comm/session.hpp"
#include "partition/graph/weight_facts.hpp"
#include "partition/hash.hpp"
#include "partition/io/open.hpp"
#include "partition/load.hpp"
#include "partition/random.hpp"

using namespace gasket;

namespace {

struct Settings {
  std::uint64_t iterations = 20;
  std::optional<double> delta{};
};

// What a kernel found and how long it took, the same on every rank.
struct Trial {
  double seconds = 0;
  double superstep_seconds = 0;  // the supersteps alone, together
  std::uint64_t supersteps = 0;
  std::uint64_t bytes_sent = 0;  // by all ranks
  nlohmann::json answer;         // with "checksum"
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

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Times work() -> RunResult on all ranks together; the answer is taken after the clock has stopped.
template <class Work, class Answer>
Trial measure(Communicator& comm, const Work& work, const Answer& answer) {
  comm.any(false);  // nobody starts before all are here
  const std::uint64_t bytes_before = comm.bytes_sent();
  const auto start = std::chrono::steady_clock::now();
  const auto result = work();
  Trial trial;
  trial.seconds = seconds_since(start);
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

// -- Kernels ----------------------------------------------------------------------------------------------

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
      [&](const auto& result) { return search_answer(graph.communicator(), result.values, program.unreached); });
}
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

const Kernel& find_kernel(const std::string& name, const std::string& values) {
  std::string known;
  for (const Kernel& kernel : kKernels) {
    if (kernel.name == name && (values.empty() || kernel.values == values)) return kernel;
    known += fmt::format(" {}:{}", kernel.name, kernel.values);
  }
  throw UsageError(
      fmt::format("there is no kernel {}{}{}; there are:{} stream", name, values.empty() ? "" : ":", values, known));
}

// -- Sources ----------------------------------------------------------------------------------------------

// `count` vertices with out-edges, a function of the seed and the graph alone.
std::vector<GlobalId> pick_sources(const DistributedGraph& graph, std::size_t count, std::uint64_t seed) {
  if (graph.arcs() == 0) throw_agreed(InputError("no vertex has an edge to search along"));
  const RandomStream random(seed);
  std::vector<GlobalId> sources;
  std::uint64_t next = 0;
  while (sources.size() < count) {
    // Draws many at once: one pass over the masters finds their degrees.
    std::vector<GlobalId> drawn(64 * count);
    for (GlobalId& vertex : drawn) vertex = random_below(random(next++), graph.vertices());
    std::vector<GlobalId> sorted = drawn;
    std::ranges::sort(sorted);
    std::vector<std::uint32_t> degrees(sorted.size());
    for (LocalId v = 0; v < graph.masters(); ++v)
      for (auto at = std::ranges::lower_bound(sorted, graph.global_id(v));
           at != sorted.end() && *at == graph.global_id(v); ++at)
        degrees[static_cast<std::size_t>(at - sorted.begin())] = graph.out_degree(v);
    graph.communicator().all_reduce_in_place(std::span(degrees), std::plus<>());
    for (const GlobalId vertex : drawn) {
      const auto at = std::ranges::lower_bound(sorted, vertex) - sorted.begin();
      if (sources.size() < count && degrees[static_cast<std::size_t>(at)] > 0) sources.push_back(vertex);
    }
  }
  return sources;
}

std::vector<GlobalId> named_sources(const DistributedGraph& graph, const std::vector<ExternalId>& ids) {
  std::vector<GlobalId> sources;
  for (const ExternalId id : ids) {
    const std::optional<GlobalId> vertex = graph.ids().find(graph.communicator(), id);
    if (!vertex) throw_agreed(InputError(fmt::format("--source {}: the graph has no such vertex", id)));
    sources.push_back(*vertex);
  }
  return sources;
}

// -- What the machine can do ------------------------------------------------------------------------------

// Best of `trials`: seconds, over all ranks at once, that work() takes.
template <class Work>
double best_seconds(Communicator& comm, int trials, const Work& work) {
  double best = std::numeric_limits<double>::infinity();
  for (int t = 0; t <= trials; ++t) {  // one more: the first also brings the pages
    comm.any(false);
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(best, comm.max(seconds_since(start)));
  }
  return best;
}

// STREAM's triad a = b + 3 c, counted as 24 bytes an element, and a plain sum, 8 bytes.
nlohmann::json stream(Communicator& comm, std::size_t megabytes, int trials) {
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

// -- The command ------------------------------------------------------------------------------------------

void print_line(const Session& session, const nlohmann::json& line) {
  if (session.rank() != 0) return;
  fmt::print("{}\n", line.dump());
  std::fflush(stdout);
}

std::uint64_t largest_peak_rss(Communicator& comm) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return comm.max(static_cast<std::uint64_t>(usage.ru_maxrss) * 1024);
}

DistributedGraph load(Communicator& comm, const cxxopts::ParseResult& given, const Kernel& kernel) {
  const std::string order = given["order"].as<std::string>();
  if (order != "auto" && order != "input" && order != "degree")
    throw UsageError(fmt::format("--order {}: must be one of auto, input, degree", order));
  const auto source = open_source(comm, {.path = given["graph"].as<std::string>(),
                                         .format = given["format"].as<std::string>(),
                                         .weights = kernel.weighted});
  LoadOptions how;
  how.undirected = given.count("undirected") > 0;
  how.drop_self_loops = how.drop_duplicates = given.count("simple") > 0;
  how.placement = given["placement"].as<std::string>();
  how.order = order == "input" ? VertexOrder::input : order == "degree" ? VertexOrder::degree : VertexOrder::automatic;
  how.need = kernel.need;
  DistributedGraph graph = load_graph(comm, *source, how);
  if (kernel.weighted && !graph.weighted())
    throw_agreed(InputError(fmt::format("{}: has no weights, and {} needs them", source->describe(), kernel.name)));
  if (kernel.weighted && measure_weights(graph).lowest < 0)
    throw_agreed(InputError(fmt::format("{}: has weights below 0", source->describe())));
  return graph;
}

void run_trials(Session& session, const cxxopts::ParseResult& given, const Kernel& kernel) {
  Communicator& comm = session.communicator();
  const auto start = std::chrono::steady_clock::now();
  const DistributedGraph graph = load(comm, given, kernel);
  const double load_seconds = comm.max(seconds_since(start));

  Settings settings{.iterations = given["iterations"].as<std::uint64_t>()};
  if (given.count("delta") > 0) {
    settings.delta = given["delta"].as<double>();
    if (!(*settings.delta > 0)) throw UsageError(fmt::format("--delta {}: must be above 0", *settings.delta));
  }
  std::vector<GlobalId> sources = {0};
  if (kernel.searches)
    sources = given.count("source") > 0
                  ? named_sources(graph, given["source"].as<std::vector<ExternalId>>())
                  : pick_sources(graph, given["sources"].as<std::size_t>(), given["seed"].as<std::uint64_t>());
  const BigArray<ExternalId> names = graph.ids().external(comm, sources);

  const std::size_t trials = given.count("trials") > 0 ? given["trials"].as<std::size_t>()
                             : kernel.searches         ? sources.size()
                                                       : 16;
  for (std::size_t t = 0; t < trials; ++t) {
    const Trial trial = kernel.run(graph, settings, sources[t % sources.size()]);
    const bool sweeps = kernel.bytes_per_vertex > 0;
    const auto arcs = static_cast<double>(graph.arcs());
    const double sweeps_made = sweeps ? static_cast<double>(trial.supersteps) : 1;
    nlohmann::json line = {{"kernel", kernel.name},
                           {"values", kernel.values},
                           {"graph", given["graph"].as<std::string>()},
                           {"vertices", graph.vertices()},
                           {"arcs", graph.arcs()},
                           {"order", graph.order() == VertexOrder::degree ? "degree" : "input"},
                           {"placement", graph.quality().strategy},
                           {"replication_factor", graph.quality().replication_factor},
                           {"ranks", session.size()},
                           {"threads", parallel::threads()},
                           {"trial", t},
                           {"load_seconds", load_seconds},
                           {"seconds", trial.seconds},
                           {"supersteps", trial.supersteps},
                           {"superstep_seconds", trial.superstep_seconds},
                           {"arcs_per_second", arcs * sweeps_made / trial.seconds},
                           {"bytes_sent", trial.bytes_sent},
                           {"peak_rss_bytes", largest_peak_rss(comm)}};
    if (sweeps)  // what must at least come from memory: 4 bytes per arc, and the vertices' values once
      line["bytes_per_superstep"] =
          4 * graph.arcs() + static_cast<std::uint64_t>(kernel.bytes_per_vertex) * graph.vertices();
    if (kernel.searches) line["source"] = names[t % sources.size()];
    line.update(trial.answer);
    print_line(session, line);
  }
}

cxxopts::Options options() {
  cxxopts::Options flags("kernels", "runs a kernel on a graph many times; a line of JSON per trial");
  const auto text = [](const char* value) { return cxxopts::value<std::string>()->default_value(value); };
  flags.add_options()("graph", "a graph file, or one to generate, as rmat:scale=16", cxxopts::value<std::string>())(
      "format", "of the file", text("auto"))("undirected", "every edge holds in both directions")(
      "simple", "drop self loops and duplicate edges")("placement", "how the graph is cut into parts", text("auto"))(
      "order", "of the vertices inside a rank: auto, input, degree", text("auto"));
  flags.add_options()(
      "kernel",
      "pagerank, bfs, sssp, wcc, wcc-program, cdlp, triangles, lcc, betweenness, or stream: the memory's bandwidth",
      text(""))("values", "of a vertex, where a kernel has a choice: double or float", text(""))(
      "trials", "how many (default 16; of a search: one per source)", cxxopts::value<std::size_t>())(
      "threads", "worker threads per rank", cxxopts::value<int>())(
      "iterations", "supersteps of pagerank", cxxopts::value<std::uint64_t>()->default_value("20"))(
      "delta", "width of sssp's buckets", cxxopts::value<double>())("source", "ids to search from, in turn: 5,17",
                                                                    cxxopts::value<std::vector<ExternalId>>())(
      "sources", "or how many pseudo-random ones", cxxopts::value<std::size_t>()->default_value("16"))(
      "seed", "of those", cxxopts::value<std::uint64_t>()->default_value("1"))(
      "stream-mib", "size of each of stream's three arrays", cxxopts::value<std::size_t>()->default_value("256"))(
      "help", "print this");
  return flags;
}

void run(Session& session, int argc, char** argv) {
  cxxopts::Options flags = options();
  const auto given = [&] {
    try {
      return flags.parse(argc, argv);
    } catch (const cxxopts::exceptions::exception& error) {
      throw UsageError(fmt::format("{}; see --help", error.what()));
    }
  }();
  if (!given.unmatched().empty()) throw UsageError("did not expect '" + given.unmatched().front() + "'; see --help");
  if (given.count("help") > 0) {
    if (session.rank() == 0) fmt::print("{}", flags.help());
    return;
  }
  if (given.count("threads") > 0) {
    const int threads = given["threads"].as<int>();
    if (threads < 1) throw UsageError(fmt::format("--threads {}: must be at least 1", threads));
    parallel::set_threads(threads);
  }
  const std::string name = given["kernel"].as<std::string>();
  if (name.empty()) throw UsageError("--kernel is missing; see --help");
  if (name == "stream") {
    const int trials = given.count("trials") > 0 ? static_cast<int>(given["trials"].as<std::size_t>()) : 5;
    return print_line(session, stream(session.communicator(), given["stream-mib"].as<std::size_t>(), trials));
  }
  const Kernel& kernel = find_kernel(name, given["values"].as<std::string>());
  if (given.count("graph") == 0) throw UsageError("--graph is missing; see --help");
  if (kernel.searches && given.count("source") == 0 && given["sources"].as<std::size_t>() == 0)
    throw UsageError("--sources 0: a search needs a source");
  run_trials(session, given, kernel);
}

}  // namespace

int main(int argc, char** argv) {
  Session session(argc, argv);
  try {
    run(session, argc, argv);
    return 0;
  } catch (const Error& error) {
    const bool everywhere = error.agreed() || error.code() == ExitCode::usage;
    if (session.rank() == 0 || !everywhere) fmt::print(stderr, "kernels: {}\n", error.what());
    if (!everywhere && session.size() > 1) session.abort(error.code());
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "kernels: rank {}: {}\n", session.rank(), error.what());
    session.abort(ExitCode::failure);
  }
}
