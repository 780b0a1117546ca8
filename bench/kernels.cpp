// Loads a graph once and runs one kernel many times: a line of JSON per trial, which compare.py reads.
//
//   kernels --graph G.gsk --kernel bfs --trials 16 --sources 16
//   mpirun -n 2 --bind-to none kernels --graph rmat:scale=20 --undirected --kernel pagerank --values float --threads 1
//   kernels --kernel stream
//
// "seconds" is the whole of a run as a user waits for it, from the graph in memory to the values: engine, arrays, first
// values, supersteps; of the slowest rank. "checksum" and the fields after it are of the answer, so that answers can be
// compared with another system's. The kernels are in kernels/table.cpp.

#include <fmt/format.h>
#include <sys/resource.h>

#include <cxxopts.hpp>
#include <nlohmann/json.hpp>

#include "bench/kernels/kernel.hpp"
#include "bench/kernels/sources.hpp"
#include "bench/kernels/stream.hpp"
#include "engine/step.hpp"
#include "partition/comm/session.hpp"
#include "partition/graph/weight_facts.hpp"
#include "partition/io/open.hpp"
#include "partition/load.hpp"

using namespace gasket;
using namespace gasket::bench;

namespace {

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

Settings settings_of(const cxxopts::ParseResult& given) {
  Settings settings{.iterations = given["iterations"].as<std::uint64_t>()};
  if (given.count("delta") > 0) {
    settings.delta = given["delta"].as<double>();
    if (!(*settings.delta > 0)) throw UsageError(fmt::format("--delta {}: must be above 0", *settings.delta));
  }
  return settings;
}

std::vector<GlobalId> sources_of(const cxxopts::ParseResult& given, const DistributedGraph& graph,
                                 const Kernel& kernel) {
  if (!kernel.searches) return {0};
  return given.count("source") > 0
             ? named_sources(graph, given["source"].as<std::vector<ExternalId>>())
             : pick_sources(graph, given["sources"].as<std::size_t>(), given["seed"].as<std::uint64_t>());
}

// What is the same in every line.
nlohmann::json describe_run(const Session& session, const cxxopts::ParseResult& given, const Kernel& kernel,
                            const DistributedGraph& graph, double load_seconds) {
  return {{"kernel", kernel.name},
          {"values", kernel.values},
          {"graph", given["graph"].as<std::string>()},
          {"vertices", graph.vertices()},
          {"arcs", graph.arcs()},
          {"order", graph.order() == VertexOrder::degree ? "degree" : "input"},
          {"placement", graph.quality().strategy},
          {"replication_factor", graph.quality().replication_factor},
          {"ranks", session.size()},
          {"threads", parallel::threads()},
          {"load_seconds", load_seconds}};
}

void add_trial(nlohmann::json& line, const Kernel& kernel, const DistributedGraph& graph, const Trial& trial) {
  const bool sweeps = kernel.bytes_per_vertex > 0;
  const double sweeps_made = sweeps ? static_cast<double>(trial.supersteps) : 1;
  line["seconds"] = trial.seconds;
  line["supersteps"] = trial.supersteps;
  line["superstep_seconds"] = trial.superstep_seconds;
  line["arcs_per_second"] = static_cast<double>(graph.arcs()) * sweeps_made / trial.seconds;
  line["bytes_sent"] = trial.bytes_sent;
  line["peak_rss_bytes"] = largest_peak_rss(graph.communicator());
  if (sweeps)  // what must at least come from memory: 4 bytes per arc, and the vertices' values once
    line["bytes_per_superstep"] =
        4 * graph.arcs() + static_cast<std::uint64_t>(kernel.bytes_per_vertex) * graph.vertices();
  line.update(trial.answer);
}

void refuse_none(const cxxopts::ParseResult& given, const char* option) {
  if (given.count(option) > 0 && given[option].as<std::size_t>() == 0)
    throw UsageError(fmt::format("--{} 0: must be at least 1", option));
}

void run_trials(Session& session, const cxxopts::ParseResult& given, const Kernel& kernel) {
  Communicator& comm = session.communicator();
  const Stopwatch watch;
  const DistributedGraph graph = load(comm, given, kernel);
  const double load_seconds = comm.max(watch.seconds());

  const Settings settings = settings_of(given);
  const std::vector<GlobalId> sources = sources_of(given, graph, kernel);
  const BigArray<ExternalId> names = graph.ids().external(comm, sources);
  const nlohmann::json run = describe_run(session, given, kernel, graph, load_seconds);
  const std::size_t trials = given.count("trials") > 0 ? given["trials"].as<std::size_t>()
                             : kernel.searches         ? sources.size()
                                                       : 16;
  for (std::size_t t = 0; t < trials; ++t) {
    nlohmann::json line = run;
    line["trial"] = t;
    if (kernel.searches) line["source"] = names[t % sources.size()];
    add_trial(line, kernel, graph, kernel.run(graph, settings, sources[t % sources.size()]));
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
  flags.add_options()("kernel", "of --list, or stream: the memory's bandwidth", text(""))(
      "values", "of a vertex, where a kernel has a choice: double or float", text(""))(
      "trials", "how many (default 16; of a search: one per source)", cxxopts::value<std::size_t>())(
      "threads", "worker threads per rank", cxxopts::value<int>())(
      "iterations", "supersteps of pagerank", cxxopts::value<std::uint64_t>()->default_value("20"))(
      "delta", "width of sssp's buckets", cxxopts::value<double>())("source", "ids to search from, in turn: 5,17",
                                                                    cxxopts::value<std::vector<ExternalId>>())(
      "sources", "or how many pseudo-random ones", cxxopts::value<std::size_t>()->default_value("16"))(
      "seed", "of those", cxxopts::value<std::uint64_t>()->default_value("1"))(
      "stream-mib", "size of each of stream's three arrays", cxxopts::value<std::size_t>()->default_value("256"))(
      "list", "print the kernels, each with its values: NAME:VALUES")("help", "print this");
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
  if (given.count("list") > 0) {
    if (session.rank() == 0) fmt::print("{}\n", fmt::join(kernel_names(), "\n"));
    return;
  }
  if (given.count("threads") > 0) {
    const int threads = given["threads"].as<int>();
    if (threads < 1) throw UsageError(fmt::format("--threads {}: must be at least 1", threads));
    parallel::set_threads(threads);
  }
  const std::string name = given["kernel"].as<std::string>();
  if (name.empty()) throw UsageError("--kernel is missing; see --help");
  for (const char* option : {"trials", "stream-mib"}) refuse_none(given, option);
  if (name == "stream") {
    const int trials = given.count("trials") > 0 ? static_cast<int>(given["trials"].as<std::size_t>()) : 5;
    return print_line(session, measure_stream(session.communicator(), given["stream-mib"].as<std::size_t>(), trials));
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
