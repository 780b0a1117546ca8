// `gasket demo consistency`: two small programs under each level, and what is lost where the level does not promise it.

#include <numeric>

#include "apps/command.hpp"
#include "apps/demonstrations.hpp"
#include "apps/engine_run.hpp"

namespace gasket {
namespace {

constexpr std::uint32_t kRounds = 50;

// Of all counters on edges, how many are not the sum of the runs of both ends.
std::uint64_t wrong_counters(const ScopeGraph& graph, const ScopeResult<EdgeCounter>& result) {
  std::uint64_t wrong = 0;
  for (LocalId v = 0; v < graph.masters(); ++v)
    for (const ScopeGraph::Link& link : graph.links(v)) {
      const std::uint32_t expected = link.vertex() == v ? kRounds : 2 * kRounds;
      wrong += result.edges[link.edge()] == expected ? 0 : 1;
    }
  return graph.communicator().sum(wrong);
}

std::int64_t tokens_gained(const ScopeGraph& graph, const ScopeResult<TokenTransfer>& result) {
  std::int64_t gained = 0;
  for (LocalId v = 0; v < graph.masters(); ++v)
    gained += static_cast<std::int64_t>(result.values[v]) - static_cast<std::int64_t>(graph.global_id(v) % 7 * 10);
  return graph.communicator().all_reduce(gained, std::plus<>());
}

void show(const Session& session, const ScopeGraph& graph, Progress& progress, const EngineOptions& engine) {
  const auto counted = run_update_program(graph, EdgeCounter{.rounds = kRounds, .slow = true}, engine, 1, progress);
  const auto moved = run_update_program(graph, TokenTransfer{.rounds = kRounds, .slow = true}, engine, 1, progress);
  const std::uint64_t wrong = wrong_counters(graph, counted);
  const std::int64_t gained = tokens_gained(graph, moved);
  if (session.rank() != 0) return;
  const bool edges_promised = engine.consistency != Consistency::vertex;
  const bool tokens_promised = engine.consistency == Consistency::full;
  const auto verdict = [](bool fine, bool promised) {
    return fine ? promised ? "exact, as promised" : "exact, by luck" : promised ? "WRONG: a defect" : "not promised";
  };
  print_summary("{:10} {:12} {:>16} {:20} {:>12} {:20} {:>10.0f}\n",
                engine.kind == EngineKind::chromatic ? "chromatic"
                : engine.kind == EngineKind::async   ? "async"
                                                     : "locking",
                name_of(engine.consistency), wrong, verdict(wrong == 0, edges_promised), fmt::format("{:+}", gained),
                verdict(gained == 0, tokens_promised),
                static_cast<double>(counted.record.updates) / std::max(counted.record.seconds, 1e-9) / 1e3);
}

}  // namespace

ExitCode run_demo(Session& session, int argc, char** argv) {
  CommandLine line(
      "demo",
      "shows what each level of consistency promises. Every vertex runs 50 times: the first program adds one "
      "to a counter on each of its edges, the second gives tokens to its neighbours. Under a level that "
      "does not protect what they write, updates are lost",
      {"gasket demo consistency --threads 2", "mpirun -n 4 gasket demo consistency"});
  line.add("")("what", "consistency", cxxopts::value<std::string>(), "NAME");
  line.positional({"what"}, "consistency [OPTIONS]");
  line.add_machine_options();
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  if (!line.has("what")) throw UsageError("demo: say which: gasket demo consistency");
  line.choice("what", {"consistency"});
  Progress progress(line.machine_options(session), session.rank());
  GraphOptions graph_options;
  graph_options.path = "uniform:vertices=256,edges=2048";
  graph_options.undirected = true;
  graph_options.placement = "random";
  const LoadedGraph loaded = load(session, graph_options, {true, true}, false, progress);
  const ScopeGraph graph(loaded.graph);
  if (session.rank() == 0) {
    print_summary("{}, {}, {} x {}; every vertex runs {} times\n\n", counted_vertices(loaded.graph.vertices()),
                  counted(loaded.graph.edges(), "edge"), counted(session.size(), "rank"),
                  counted(parallel::threads(), "thread"), kRounds);
    print_summary("{:10} {:12} {:>16} {:20} {:>12} {:20} {:>10}\n", "engine", "consistency", "edges that lost", "",
                  "token sum", "", "k updates/s");
  }
  EngineOptions engine;
  engine.watchdog_seconds = 60;
  engine.kind = EngineKind::async;
  show(session, graph, progress, engine);
  for (const EngineKind kind : {EngineKind::locking, EngineKind::chromatic})
    for (const Consistency level : {Consistency::edge, Consistency::full}) {
      engine.kind = kind;
      engine.consistency = level;
      show(session, graph, progress, engine);
    }
  progress.finish();
  if (session.rank() == 0 && session.size() * parallel::threads() == 1)
    print_summary("\none worker runs one update at a time: take more threads or ranks to see updates lost\n");
  return ExitCode::ok;
}

}  // namespace gasket
