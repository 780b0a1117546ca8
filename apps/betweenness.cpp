#include <algorithm>
#include <numeric>

#include "apps/command.hpp"
#include "apps/run.hpp"
#include "engine/betweenness.hpp"
#include "partition/parallel.hpp"
#include "partition/permutation.hpp"

namespace gasket {
namespace {

// All vertices as sources are as many searches; more than this many are only done when asked for.
constexpr GlobalId kAllUpTo = 10'000;

struct Sources {
  std::vector<GlobalId> vertices;  // ascending
  std::string text;
};

Sources all_of(GlobalId vertices) {
  Sources all{std::vector<GlobalId>(vertices), "every vertex"};
  std::iota(all.vertices.begin(), all.vertices.end(), GlobalId{0});
  return all;
}

// `count` different vertices, a function of the graph's size and the seed alone.
Sources sample_of(GlobalId vertices, GlobalId count, std::uint64_t seed) {
  if (count >= vertices) return all_of(vertices);
  const Permutation shuffled(vertices, RandomStream(seed));
  Sources sample{std::vector<GlobalId>(count), "a sample of " + counted_vertices(count)};
  for (GlobalId i = 0; i < count; ++i) sample.vertices[i] = shuffled(i);
  std::ranges::sort(sample.vertices);
  return sample;
}

Sources choose_sources(const CommandLine& line, const DistributedGraph& graph, const GraphOptions& options) {
  const GlobalId n = graph.vertices();
  if (line.has("source")) {
    const std::string id = line.vertex_id("source", options);
    return {{find_vertex(graph, options, id, "source")}, fmt::format("vertex {}", id)};
  }
  if (line.has("sources") && line.get<std::string>("sources") != "all")
    return sample_of(n, line.number("sources", 2, ~std::uint64_t{0}, ", or all"), options.seed);
  if (!line.has("sources") && n > kAllUpTo)
    throw_agreed(UsageError(
        fmt::format("betweenness: {} has {} vertices, and each is a search; --sources N takes a sample of N and scales "
                    "up, --sources all takes all",
                    options.path, n)));
  return all_of(n);
}

// From the sums over the sources to betweenness: the mean over those of them that are not the vertex itself, times the
// n - 1 sources that it could have, in an undirected graph halved, for every path is found from both its ends; or, when
// normalised, divided by the n - 2 targets. That is networkx.betweenness_centrality, of samples too (3.5 and later).
void scale(const DistributedGraph& graph, const Sources& sources, bool normalised, BigArray<double>& scores) {
  const auto n = static_cast<double>(graph.vertices()), count = static_cast<double>(sources.vertices.size());
  if (n <= 2) return;  // all are 0
  const double whole = normalised ? 1 / (n - 2) : graph.directed() ? n - 1 : (n - 1) / 2;
  parallel::for_ranges(graph.masters(), kPass, [&](std::size_t begin, std::size_t end) {
    for (auto v = static_cast<LocalId>(begin); v < end; ++v)
      scores[v] *= whole / (std::ranges::binary_search(sources.vertices, graph.global_id(v)) ? count - 1 : count);
  });
}

void check_combinations(const CommandLine& line) {
  if (!line.has("source")) return;
  if (line.has("sources")) throw UsageError("betweenness: --source ID and --sources are not possible together");
  if (line.flag("normalised"))
    throw UsageError("betweenness: --normalised is of all sources or a sample, not of one --source ID");
}

}  // namespace

ExitCode run_betweenness(Session& session, int argc, char** argv) {
  CommandLine line("betweenness",
                   "betweenness centrality of every vertex: over all pairs of other vertices, the part of the shortest "
                   "paths between them that lead through it; weights are not looked at, parallel edges are paths of "
                   "their own (--drop-duplicates: are one)",
                   {"gasket betweenness --graph friends.txt.gz --undirected --sources 500 --normalised --top 10",
                    "gasket betweenness --graph karate.txt --undirected --output betweenness.txt",
                    "gasket betweenness --graph web.txt --source 17 --output through.txt"});
  line.add_graph_options();
  line.add("betweenness")(
      "sources",
      fmt::format(
          "take a sample of N vertices, drawn by --seed, as sources and scale up from them (2 at least);\nall: every "
          "vertex (default in a graph of at most {} vertices)",
          kAllUpTo),
      cxxopts::value<std::string>(),
      "N")("source", "take this vertex alone; the result is its dependencies on the others, not scaled",
           cxxopts::value<std::string>(), "ID")(
      "normalised",
      "divide by the number of pairs of other vertices, so that all is between 0 and 1: in a graph of n vertices "
      "by (n - 1)(n - 2), by half of it when the graph is undirected",
      cxxopts::value<bool>());
  line.add_run_options("K vertices of highest betweenness");
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const GraphOptions graph_options = line.graph_options();
  check_combinations(line);
  const bool normalised = line.flag("normalised");
  const RunOptions options = line.run_options(session);
  Progress progress(options.progress, session.rank());
  const LoadedGraph loaded = load(session, graph_options, betweenness_need(), false, progress);
  const Sources sources = choose_sources(line, loaded.graph, graph_options);
  progress.stage("running");
  BetweennessResult result =
      sum_dependencies(loaded.graph, sources.vertices, {options.direction, show_supersteps(progress)});
  if (!line.has("source")) scale(loaded.graph, sources, normalised, result.scores);

  RunSummary summary{
      "betweenness", {{"sources", sources.vertices.size()}, {"normalised", normalised}}, result.record, 0};
  summary.step = "source";
  if (line.has("source"))
    summary.parameters["source"] = id_record(graph_options, line.vertex_id("source", graph_options));
  summary.write_seconds =
      write_output(loaded, result.scores, options, progress,
                   [](fmt::memory_buffer& text, double score) { fmt::format_to(fmt::appender(text), "{}", score); });
  const auto top = top_values(loaded.graph, result.scores, options.top, std::greater<>(), [](double) { return true; });
  progress.finish();
  print_graph(session, graph_options, loaded);
  if (session.rank() == 0) print_summary("sources    {}\n", sources.text);
  finish_run(session, graph_options, options, loaded, summary);
  print_top(loaded, "betweenness", top, [](double score) { return fmt::format("{:.10g}", score); });
  return ExitCode::ok;
}

}  // namespace gasket
