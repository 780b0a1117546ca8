#include "apps/pagerank.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <limits>

#include "apps/command.hpp"
#include "apps/dynamic_pagerank.hpp"
#include "apps/engine_run.hpp"
#include "apps/in_place_pagerank.hpp"
#include "apps/powergraph_pagerank.hpp"
#include "apps/reproducible_pagerank.hpp"
#include "apps/restarting_pagerank.hpp"
#include "apps/summary.hpp"
#include "engine/restart.hpp"

namespace gasket {
namespace {

struct Plan {
  PageRank program;
  std::uint64_t supersteps = SyncOptions().max_supersteps;
  bool per_vertex_tolerance = false;  // the tolerance is meant per vertex: times n
  bool powergraph = false;            // by PowerGraph's rule, with the damping and tolerance of `program`
};

// Each superstep shrinks the change by the damping; when that has made 1e-18 of the first one, only rounding is left.
std::uint64_t most_useful_supersteps(double damping) {
  constexpr std::uint64_t kMost = 100'000;
  const double steps = damping <= 0 ? 1 : std::log(1e-18) / std::log(std::min(damping, 1 - 1e-9));
  return 100 + static_cast<std::uint64_t>(std::min<double>(kMost, steps));
}

// The variant decides the formula and when to stop; --iterations and --tolerance override the latter.
Plan plan_of(const CommandLine& line) {
  Plan plan;
  const std::string variant = line.choice("variant", {"standard", "ldbc", "networkx", "powergraph"});
  plan.program.damping = line.real("damping", 0, 1);
  if (variant == "ldbc") {
    plan.program.tolerance = 0;
    plan.supersteps = 10;
  } else if (variant == "networkx") {
    plan.program.tolerance = 1e-6;
    plan.per_vertex_tolerance = true;
    plan.supersteps = 100;
  } else if (variant == "powergraph") {
    plan.powergraph = true;
    plan.program.tolerance = 1e-3;
  }
  if (line.has("tolerance")) {
    plan.program.tolerance = line.real("tolerance", 0, 1e300);
    plan.per_vertex_tolerance = false;
    plan.supersteps = SyncOptions().max_supersteps;
    if (plan.program.tolerance <= 0 && !line.has("iterations"))
      throw UsageError("--tolerance 0: would never stop; give --iterations too");
  }
  plan.supersteps = std::min(plan.supersteps, most_useful_supersteps(plan.program.damping));
  if (line.has("iterations")) {
    plan.supersteps = line.number("iterations", 0, 1'000'000'000);
    if (!line.has("tolerance")) plan.program.tolerance = 0;
  }
  return plan;
}

// What the change of the last superstep came to, as the program's tolerance means it.
template <class P>
double last_change(const P& program, const typename P::Global& sum) {
  if constexpr (std::same_as<P, ReproduciblePageRank>)
    return P::rank(sum.change);
  else if constexpr (requires { program.moved(sum); })
    return program.moved(sum);
  else if constexpr (requires { sum.largest; })
    return sum.largest;
  else
    return sum.change;
}

// A value as users see it: the rank, in the type that it was computed in.
template <class P>
auto rank_of(const typename P::Data& value) {
  if constexpr (std::same_as<P, ReproduciblePageRank>)
    return P::rank(value);
  else
    return value;
}

// Sweeps in place leave values of any sum; ranks sum to 1.
template <class P>
void normalise(BigArray<typename P::Data>& values, const typename P::Global& sum) {
  if constexpr (ProgramTraits<P>::in_place)
    parallel::for_ranges(values.size(), kPass, [&](std::size_t begin, std::size_t end) {
      for (std::size_t v = begin; v < end; ++v) values[v] /= static_cast<typename P::Data>(sum.mass);
    });
}

// Ranks sum to 1: where they are floats, rounding alone may change them by almost so much in all, superstep after superstep.
constexpr double kNearFloats = 1e-6;

// Runs the program, says and writes what came of it.
template <class P>
ExitCode finish(Session& session, const CommandLine& line, const GraphOptions& graph_options, const RunOptions& options,
                const LoadedGraph& loaded, Progress& progress, const Plan& plan, const P& program) {
  using Data = typename P::Data;
  RunResult<P> result = run_program(loaded, program, options, progress, plan.supersteps);
  normalise<P>(result.values, result.global);
  const double change = last_change(program, result.global);
  RunSummary summary{
      "pagerank",
      {{"variant", line.get<std::string>("variant")},
       {"restart", line.has("personalise") ? line.get<std::string>("personalise")
                   : line.has("restart")   ? line.get<std::string>("restart")
                                           : "everywhere"},
       {"weighted", line.flag("weighted")},
       {"method", line.get<std::string>("method")},
       {"values", std::same_as<P, ReproduciblePageRank> ? "reproducible" : line.get<std::string>("values")},
       {"damping", program.damping},
       {"tolerance", program.tolerance},
       {"iterations",
        plan.supersteps == SyncOptions().max_supersteps ? nlohmann::json() : nlohmann::json(plan.supersteps)},
       {"last_change", change}},
      result.record,
      0};
  summary.asked_for_limit = program.tolerance == 0;
  summary.write_seconds =
      write_output(loaded, result.values, options, progress, [](fmt::memory_buffer& text, const Data& value) {
        fmt::format_to(fmt::appender(text), "{}", rank_of<P>(value));
      });
  const auto top = top_values(loaded.graph, result.values, options.top, std::greater<>(), [](Data) { return true; });
  progress.finish();
  print_graph(session, graph_options, loaded);
  finish_run(session, graph_options, options, loaded, summary);
  if (session.rank() == 0)
    print_summary(
        "change     {:.3g} in the last superstep{}\n", change,
        result.record.converged ? fmt::format(", below the tolerance of {:g}", program.tolerance)
        : program.tolerance > 0
            ? fmt::format("; the tolerance of {:g} was not reached{}", program.tolerance,
                          std::same_as<Data, float> && change < kNearFloats ? ", maybe for the rounding of floats" : "")
            : "");
  print_top(loaded, "rank", top, [](const Data& value) { return fmt::format("{:.10g}", rank_of<P>(value)); });
  return ExitCode::ok;
}

// Walks that begin anew elsewhere than everywhere, or that look at weights.
struct Walks {
  bool weighted = false;
  std::string restart_file;
  std::vector<std::string> restart_ids;
  bool anywhere() const { return restart_file.empty() && restart_ids.empty(); }
  bool plain() const { return !weighted && anywhere(); }
};

// Ids between commas, each once.
std::vector<std::string> parse_ids(const std::string& name, const std::string& text, bool names) {
  std::vector<std::string> ids;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string id = text.substr(begin, end - begin);
    std::uint64_t number = 0;
    const auto [after, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (id.empty() || (!names && (error != std::errc() || after != id.data() + id.size())))
      throw UsageError(fmt::format("--{} {}: must be vertex ids with commas between", name, text));
    if (!names) id = fmt::format("{}", number);
    if (std::ranges::find(ids, id) != ids.end())
      throw UsageError(fmt::format("--{} {}: names {} twice", name, text, id));
    ids.push_back(std::move(id));
    begin = end + 1;
  }
  return ids;
}

Walks walks_of(const CommandLine& line, const Plan& plan, bool names) {
  Walks walks;
  walks.weighted = line.flag("weighted");
  if (line.has("personalise")) walks.restart_file = line.get<std::string>("personalise");
  if (line.has("personalise") && walks.restart_file.empty()) throw UsageError("--personalise: names no file");
  if (line.has("restart")) walks.restart_ids = parse_ids("restart", line.get<std::string>("restart"), names);
  if (!walks.restart_file.empty() && !walks.restart_ids.empty())
    throw UsageError("--personalise and --restart both say where walks begin anew: give one of them");
  if (walks.plain()) return walks;
  const char* const given = walks.weighted ? "--weighted" : walks.restart_ids.empty() ? "--personalise" : "--restart";
  if (plan.powergraph)
    throw UsageError(fmt::format("{} needs ranks that sum to 1: --variant powergraph is not possible with it", given));
  if (line.flag("reproducible")) throw UsageError(fmt::format("--reproducible is not possible with {}", given));
  if (line.get<std::string>("values") != "double")
    throw UsageError(fmt::format("--values float is not possible with {}", given));
  return walks;
}

RestartVector read_restart(const DistributedGraph& graph, const GraphOptions& options, const Walks& walks) {
  if (!walks.restart_file.empty()) return gasket::read_restart(graph, walks.restart_file);
  std::vector<GlobalId> vertices;
  for (const std::string& id : walks.restart_ids) vertices.push_back(find_vertex(graph, options, id, "restart"));
  return restart_at(graph, vertices);
}

// The sums of the weights that each vertex' rank is divided by.
BigArray<double> read_out_weights(const DistributedGraph& graph, const GraphOptions& options) {
  check_weights(graph, options);
  BigArray<double> sums = sum_out_weights(graph);
  double lowest = std::numeric_limits<double>::infinity(), highest = 0;
  for (const double sum : sums) {
    if (sum > 0) lowest = std::min(lowest, sum);
    highest = std::max(highest, sum);
  }
  lowest = graph.communicator().min(lowest);
  highest = graph.communicator().max(highest);
  if (highest <= 0 && graph.arcs() > 0)
    throw_agreed(InputError(fmt::format("{}: the weights of all edges are 0", options.path)));
  // A rank is divided by the sum and multiplied by a weight: neither may leave the range of doubles.
  if (highest > 1e290 || lowest < 1e-290)
    throw_agreed(
        InputError(fmt::format("{}: weights of a vertex's out-edges add up to {}; they must lie between 1e-290 "
                               "and 1e290",
                               options.path, highest > 1e290 ? highest : lowest)));
  return sums;
}

// Whether ranks are swept in place; refuses what that cannot do.
bool sweeps_in_place(const CommandLine& line, const Walks& walks) {
  if (line.choice("method", {"power", "gauss-seidel"}) == "power") return false;
  const auto refuse = [](const std::string& what) {
    throw UsageError(fmt::format("--method gauss-seidel is not possible with {}", what));
  };
  const auto variant = line.get<std::string>("variant");
  if (variant == "ldbc" || variant == "powergraph") refuse("--variant " + variant + ", which says how to iterate");
  if (line.flag("reproducible")) refuse("--reproducible: its values depend on timing");
  if (!walks.plain()) refuse("--restart, --personalise and --weighted");
  if (line.has("direction") && line.get<std::string>("direction") == "push") refuse("--direction push: it pulls");
  return true;
}

// Calls run(program) with the program for such walks.
template <class Run>
ExitCode run_walks(const DistributedGraph& graph, const GraphOptions& options, const Walks& walks, const Plan& plan,
                   const Run& run) {
  RestartVector restart;
  if (!walks.anywhere()) restart = read_restart(graph, options, walks);
  const auto set = [&](RestartingPageRank& program) {
    program.damping = plan.program.damping;
    program.tolerance = plan.program.tolerance;
    program.restart = restart.shares.span();
    program.anywhere = walks.anywhere();
  };
  if (!walks.weighted) {
    RestartingPageRank program;
    set(program);
    return run(program);
  }
  const BigArray<double> out_weights = read_out_weights(graph, options);
  WeightedPageRank program;
  set(program);
  program.out_weights = out_weights.span();
  return run(program);
}

// Without supersteps: vertices run when a neighbour's rank has changed, until the ranks are within the tolerance of the
// fixpoint. The asynchronous engine keeps their sums by differences (delta PageRank), the others take them anew.
ExitCode run_dynamic(Session& session, const CommandLine& line, const GraphOptions& graph_options,
                     const RunOptions& options, const EngineOptions& engine, const LoadedGraph& loaded,
                     Progress& progress, const Plan& plan) {
  DynamicPageRank program{.damping = plan.program.damping};
  program.threshold =
      DynamicPageRank::threshold_for(plan.program.tolerance, plan.program.damping, loaded.graph.vertices());
  EngineRun<DynamicPageRank> result = run_on_engine(loaded, program, engine, options, progress);
  double sum = 0;
  for (const double rank : result.values) sum += rank;
  sum = session.communicator().all_reduce(sum, std::plus<>());
  for (double& rank : result.values) rank /= sum;
  RunSummary summary{"pagerank",
                     {{"variant", line.get<std::string>("variant")},
                      {"damping", program.damping},
                      {"tolerance", plan.program.tolerance}},
                     result.record,
                     0};
  summary.engine = engine;
  summary.async = result.async;
  summary.write_seconds =
      write_output(loaded, result.values, options, progress,
                   [](fmt::memory_buffer& text, double value) { fmt::format_to(fmt::appender(text), "{}", value); });
  const auto top = top_values(loaded.graph, result.values, options.top, std::greater<>(), [](double) { return true; });
  progress.finish();
  print_graph(session, graph_options, loaded);
  finish_run(session, graph_options, options, loaded, summary);
  print_top(loaded, "rank", top, [](double value) { return fmt::format("{:.10g}", value); });
  return ExitCode::ok;
}

void refuse_with_engine(const CommandLine& line, const EngineOptions& engine) {
  if (engine.synchronous()) return;
  for (const char* option :
       {"values", "personalise", "restart", "weighted", "method", "reproducible", "iterations", "direction"})
    if (line.has(option)) throw UsageError(fmt::format("--{} is only possible with --engine sync", option));
  if (line.get<std::string>("variant") != "standard")
    throw UsageError(fmt::format("--variant {}: only possible with --engine sync", line.get<std::string>("variant")));
  if (line.has("tolerance") && line.real("tolerance", 0, 1e300) < 1e-12)
    throw UsageError("--tolerance: must be 1e-12 or more without supersteps: rounding keeps vertices busy below it");
}

}  // namespace

ExitCode run_pagerank(Session& session, int argc, char** argv) {
  CommandLine line("pagerank", "rank of every vertex by random walks",
                   {"gasket pagerank --graph web.txt.gz --top 10",
                    "mpirun -n 4 --bind-to none gasket pagerank --graph web.txt --output ranks.tsv --report run.json",
                    "gasket pagerank --graph graph.gsk --variant ldbc --iterations 10 --output pr.txt",
                    "gasket pagerank --graph friends.txt --undirected --restart 17,4 --top 20",
                    "gasket pagerank --graph roads.csv --weighted --personalise shops.txt --output reach.txt"});
  line.add_graph_options();
  line.add("pagerank")(
      "variant",
      "standard: ranks sum to 1, the rank of vertices without out-edges goes to all, until the change is below 1e-9\n"
      "ldbc: the same, 10 iterations\nnetworkx: the same, until the change is below n * 1e-6, at most 100 iterations\n"
      "powergraph: ranks sum to about n, the rank of vertices without out-edges is lost, until no rank changes by 1e-3",
      cxxopts::value<std::string>()->default_value("standard"),
      "NAME")("damping", "probability of following an edge", cxxopts::value<std::string>()->default_value("0.85"), "D")(
      "tolerance", "stop when the sum of all changes (powergraph: the largest) is below it",
      cxxopts::value<std::string>(),
      "T")("values",
           "double, or float for half the bytes and 5 digits, fewer when pushing to vertices with very many neighbours",
           cxxopts::value<std::string>()->default_value("double"),
           "TYPE")("personalise",
                   "walks begin anew at the vertices that FILE names, in lines `id "
                   "[weight]`, in proportion to the weights; the rank "
                   "of vertices without out-edges goes there too",
                   cxxopts::value<std::string>(),
                   "FILE")("restart", "the same, at these vertices alike", cxxopts::value<std::string>(), "ID[,ID...]")(
      "weighted", "walks follow edges in proportion to their weights, the third column", cxxopts::value<bool>())(
      "method",
      "power: every superstep from the ranks of the last\n"
      "gauss-seidel: after 6 supersteps vertices see new ranks as soon as they are there; fewer supersteps on meshes "
      "and on few MPI ranks",
      cxxopts::value<std::string>()->default_value("power"), "NAME")(
      "reproducible",
      "the same bits for any ranks, threads and placement; not with float values, other methods, restarts or weights",
      cxxopts::value<bool>())("iterations", "stop after N iterations (with --tolerance: or earlier)",
                              cxxopts::value<std::string>(), "N");
  add_engine_options(line, EngineKind::sync);
  line.add_run_options("K vertices of highest rank");
  line.reads("personalise");
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const GraphOptions graph_options = line.graph_options();
  const EngineOptions engine = read_engine_options(line);
  refuse_with_engine(line, engine);
  Plan plan = plan_of(line);
  if (!engine.synchronous() && plan.program.damping == 1)
    throw UsageError("--damping 1: only possible with --engine sync; the others end by how much damping is left");
  const std::string values = line.choice("values", {"double", "float"});
  const bool reproducible = line.flag("reproducible");
  if (reproducible && values == "float")
    throw UsageError("--reproducible has values of its own: --values float is not possible with it");
  if (reproducible && plan.powergraph)
    throw UsageError("--reproducible needs ranks that sum to 1: --variant powergraph is not possible with it");
  const Walks walks = walks_of(line, plan, graph_options.names);
  const bool in_place = sweeps_in_place(line, walks);
  const RunOptions options = line.run_options(session);

  Progress progress(options.progress, session.rank());
  const AdjacencyNeed need =
      engine.synchronous() ? adjacency_need<PageRank>(options.direction) : async_need<DynamicPageRank>();
  const LoadedGraph loaded = load(session, graph_options, need, walks.weighted, progress);
  session.set_patience(engine.patience());
  if (!engine.synchronous()) return run_dynamic(session, line, graph_options, options, engine, loaded, progress, plan);
  if (plan.per_vertex_tolerance) plan.program.tolerance *= static_cast<double>(loaded.graph.vertices());
  const auto run = [&](const auto& program) {
    return finish(session, line, graph_options, options, loaded, progress, plan, program);
  };
  if (!walks.plain()) return run_walks(loaded.graph, graph_options, walks, plan, run);
  if (in_place && values == "float") return run(InPlacePageRank<float>{plan.program.damping, plan.program.tolerance});
  if (in_place) return run(InPlacePageRank<double>{plan.program.damping, plan.program.tolerance});
  if (reproducible)
    return run(ReproduciblePageRank{.damping = plan.program.damping, .tolerance = plan.program.tolerance});
  const double damping = plan.program.damping, tolerance = plan.program.tolerance;
  if (plan.powergraph)
    return values == "float" ? run(PowerGraphPageRank<float>{damping, tolerance})
                             : run(PowerGraphPageRank<double>{damping, tolerance});
  return values == "float" ? run(BasicPageRank<float>{damping, tolerance}) : run(plan.program);
}

}  // namespace gasket
