// `gasket bfs` and `gasket sssp`: the same command around two programs.

#include <functional>
#include <optional>

#include "apps/bfs.hpp"
#include "apps/command.hpp"
#include "apps/engine_run.hpp"
#include "apps/sssp.hpp"
#include "apps/summary.hpp"

namespace gasket {
namespace {

// Bfs in the form that only supersteps can run, for them; other programs on any engine.
template <class P>
EngineRun<P> run_search(const LoadedGraph& loaded, const P& program, const EngineOptions& engine,
                        const RunOptions& options, Progress& progress) {
  if constexpr (ProgramTraits<P>::monotone) {
    return run_on_engine(loaded, program, engine, options, progress);
  } else {
    RunResult<P> result = run_program(loaded, program, options, progress);
    return {std::move(result.values), std::move(result.record), std::nullopt};
  }
}

template <class P>
bool is_reached(const P&, const typename P::Data& value) {
  return value < P::unreached;
}

template <class P>
std::uint64_t count_reached(const LoadedGraph& loaded, const P& program, const BigArray<typename P::Data>& values) {
  std::uint64_t count = 0;
  for (const auto& value : values) count += is_reached(program, value) ? 1 : 0;
  return loaded.graph.communicator().sum(count);
}

// Vertices that a path of any length leads to.
std::uint64_t count_within_reach(const LoadedGraph& loaded, GlobalId source, const RunOptions& options,
                                 Progress& progress) {
  DynamicBfs program;  // reads the same rows as shortest paths do
  program.source = source;
  return count_reached(loaded, program, run_program(loaded, program, options, progress).values);
}

[[noreturn]] void refuse_overflow(const std::string& path, const std::string& source) {
  throw_agreed(InputError(fmt::format(
      "{}: the weights are so large that distances from {} exceed {:.2g}, the largest there is; divide all by the same "
      "number",
      path, source, std::numeric_limits<double>::max())));
}

// Runs a search from a source, says and writes what it found. choose(loaded, options, engine, run) calls run(program)
// with the program for the graph at hand, or run(program, true) where sums of weights may leave the range of doubles;
// `need` are the rows it reads.
template <class Choose>
ExitCode search(Session& session, CommandLine& line, int argc, char** argv, AdjacencyNeed (*need)(Direction),
                bool weights, std::string_view unreachable, const std::function<void()>& read_own_options,
                const Choose& choose) {
  line.add_graph_options();
  line.add("search")("source", "id of the vertex to start from", cxxopts::value<std::string>(), "ID");
  add_engine_options(line, EngineKind::sync);
  line.add_run_options("K vertices farthest from the source, of those that it reaches");
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const std::string command(argv[0]);
  const EngineOptions engine = read_engine_options(line);
  const GraphOptions graph_options = line.graph_options();
  if (!line.has("source")) throw UsageError(fmt::format("{0}: --source ID is missing; see gasket {0} --help", command));
  const std::string source = line.vertex_id("source", graph_options);
  read_own_options();
  const RunOptions options = line.run_options(session);
  refuse_direction(engine, options);

  Progress progress(options.progress, session.rank());
  AdjacencyNeed rows = need(options.direction);
  if (!engine.synchronous()) {
    rows.waves = false;  // without supersteps nobody waits for a wave to come by
    rows.leads = Leads::none;
  }
  const LoadedGraph loaded = load(session, graph_options, rows, weights, progress);
  session.set_patience(engine.patience());
  const GlobalId from = find_vertex(loaded.graph, graph_options, source, "source");
  return choose(loaded, graph_options, engine, [&](auto program, bool may_lose_paths = false) {
    using Data = typename decltype(program)::Data;
    program.source = from;
    const auto result = run_search(loaded, program, engine, options, progress);
    const auto text = [](const Data& value) { return fmt::format("{}", value); };
    const std::uint64_t count = count_reached(loaded, program, result.values);
    if (may_lose_paths && count < count_within_reach(loaded, from, options, progress))
      refuse_overflow(graph_options.path, source);
    RunSummary summary{command, {{"source", id_record(graph_options, source)}, {"reached", count}}, result.record, 0};
    summary.engine = engine;
    summary.async = result.async;
    summary.write_seconds =
        write_output(loaded, result.values, options, progress, [&](fmt::memory_buffer& buffer, const Data& value) {
          buffer.append(is_reached(program, value) ? std::string_view(text(value)) : unreachable);
        });
    const auto top = top_values(loaded.graph, result.values, options.top, std::greater<>(),
                                [&](const Data& value) { return is_reached(program, value); });
    progress.finish();
    print_graph(session, graph_options, loaded);
    if (session.rank() == 0)
      print_summary("reached    {} of {} from {}\n", count, counted_vertices(loaded.graph.vertices()), source);
    finish_run(session, graph_options, options, loaded, summary);
    print_top(loaded, "distance (farthest)", top, text);
    return ExitCode::ok;
  });
}

// Wide enough that a bucket has work for all, narrow enough that few of its distances are improved again.
double choose_delta(const DistributedGraph& graph, const WeightFacts& facts) {
  const double degree = static_cast<double>(graph.arcs()) / static_cast<double>(graph.vertices());
  const double delta = facts.highest / std::max(1.0, degree);
  return delta > 0 ? delta : 1;
}

}  // namespace

ExitCode run_bfs(Session& session, int argc, char** argv) {
  CommandLine line(
      "bfs",
      fmt::format("number of edges on a shortest path from a source to every vertex; {} where there is none",
                  kUnreachableHops),
      {"gasket bfs --graph road.txt.gz --undirected --source 0 --output hops.txt"});
  return search(
      session, line, argc, argv, &adjacency_need<Bfs>, false, kUnreachableHops, [] {},
      [](const LoadedGraph&, const GraphOptions&, const EngineOptions& engine, const auto& run) {
        return engine.synchronous() ? run(Bfs()) : run(DynamicBfs());
      });
}

ExitCode run_sssp(Session& session, int argc, char** argv) {
  CommandLine line("sssp",
                   fmt::format("length of a shortest path from a source to every vertex, by weights of 0 or more (the "
                               "third column of an edge list); {} where there is none",
                               kUnreachableDistance),
                   {"gasket sssp --graph road.wel --source 0 --output distances.txt"});
  line.add("search")("delta",
                     "distances in the same multiple of it are settled together (default: by weights and degrees)",
                     cxxopts::value<std::string>(), "D");
  std::optional<double> wanted;
  const auto read_delta = [&] {
    if (line.has("delta")) wanted = line.real("delta", 1e-300, 1e300);
  };
  return search(session, line, argc, argv, &adjacency_need<Sssp>, true, kUnreachableDistance, read_delta,
                [&](const LoadedGraph& loaded, const GraphOptions& options, const EngineOptions&, const auto& run) {
                  const WeightFacts facts = check_weights(loaded.graph, options);
                  const double delta = wanted.value_or(choose_delta(loaded.graph, facts));
                  if (facts.whole && fits_32_bits(loaded.graph.vertices(), facts.highest))
                    return run(BasicSssp<std::uint32_t>{.delta = delta});
                  return run(Sssp{.delta = delta}, may_overflow(loaded.graph.vertices(), facts.highest));
                });
}

}  // namespace gasket
