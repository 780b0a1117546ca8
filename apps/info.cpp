// `gasket info`: loads a graph and says what it is.

#include <algorithm>

#include "apps/command.hpp"
#include "apps/load.hpp"
#include "apps/summary.hpp"
#include "partition/atoms/deal.hpp"
#include "partition/memory.hpp"
#include "partition/parallel.hpp"

#include <fmt/format.h>

namespace gasket {
namespace {

struct Degrees {
  std::uint64_t highest_in = 0, highest_out = 0, without_out = 0, without_in = 0, isolated = 0;
};

Degrees degrees_of(const DistributedGraph& graph) {
  Degrees mine;
  for (LocalId v = 0; v < graph.masters(); ++v) {
    const std::uint64_t in = graph.in_degree(v), out = graph.out_degree(v);
    mine.highest_in = std::max(mine.highest_in, in);
    mine.highest_out = std::max(mine.highest_out, out);
    mine.without_out += out == 0;
    mine.without_in += in == 0;
    mine.isolated += in == 0 && out == 0;
  }
  return graph.communicator().all_reduce(mine, [](Degrees a, const Degrees& b) {
    a.highest_in = std::max(a.highest_in, b.highest_in);
    a.highest_out = std::max(a.highest_out, b.highest_out);
    a.without_out += b.without_out;
    a.without_in += b.without_in;
    a.isolated += b.isolated;
    return a;
  });
}

constexpr std::size_t kMostNeighbours = 8;  // of an atom, in the table

// The atoms, the rank each is dealt to, and with which others they share most vertices. The whole is in the index.
void print_atoms(const std::string& folder, const AtomIndex& index, const std::vector<std::uint32_t>& dealt) {
  std::vector<std::vector<AtomIndex::Shared>> shared(index.atoms.size());
  for (const AtomIndex::Shared& pair : index.shared) {
    shared[pair.first].push_back(pair);
    shared[pair.second].push_back({pair.second, pair.first, pair.vertices});
  }
  print_summary("atoms      {} by {}, {} of them with vertices in common, {} since\n", index.atoms.size(),
                index.placement, counted(index.shared.size(), "pair"), counted(index.appends, "append"));
  print_summary("\n{:>5} {:>5} {:>12} {:>12} {:>14} {:>14}  {}\n", "atom", "rank", "vertices", "ghosts", "edges",
                "bytes", "shares with (atom:vertices)");
  for (std::size_t a = 0; a < index.atoms.size(); ++a) {
    const AtomFacts& atom = index.atoms[a];
    std::ranges::stable_sort(shared[a], std::ranges::greater(), &AtomIndex::Shared::vertices);
    std::string text;
    for (std::size_t i = 0; i < std::min(kMostNeighbours, shared[a].size()); ++i)
      text += fmt::format(" {}:{}", shared[a][i].second, shared[a][i].vertices);
    if (shared[a].size() > kMostNeighbours) text += fmt::format(" and {} more", shared[a].size() - kMostNeighbours);
    print_summary("{:>5} {:>5} {:>12} {:>12} {:>14} {:>14} {}\n", a, dealt[a], atom.vertices, atom.ghosts, atom.edges,
                  atom.bytes, text);
  }
  print_summary("all pairs are in {}\n", index_path(folder));
}

// What the file says of itself, and what was made of its edges.
void print_said(const GraphOptions& options, const LoadedGraph& loaded) {
  const DistributedGraph& graph = loaded.graph;
  if (!loaded.said.empty()) print_summary("file       {}\n", loaded.said);
  print_summary(
      "read       {}{}, {}{}{}\n", counted(graph.counts().edges_read, "edge"), graph.weighted() ? " with weights" : "",
      graph.directed()     ? "as arcs in one direction"
      : options.undirected ? "each in both directions, as --undirected says"
                           : "each in both directions, as the source says",
      options.drop_self_loops ? fmt::format("; {} dropped", counted(graph.counts().self_loops_dropped, "self loop"))
                              : "; self loops kept",
      options.drop_duplicates ? fmt::format("; {} dropped", counted(graph.counts().duplicates_dropped, "duplicate"))
                              : "; duplicates kept");
}

}  // namespace

ExitCode run_info(Session& session, int argc, char** argv) {
  CommandLine line("info", "what a graph file holds, and how a placement cuts it",
                   {"gasket info --graph web.txt.gz", "gasket info --graph web.atoms",
                    "mpirun -n 4 --bind-to none gasket info --graph web.txt --placement contiguous"});
  line.add_graph_options();
  line.add_machine_options();
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const GraphOptions options = line.graph_options();
  Progress progress(line.machine_options(session), session.rank());
  const LoadedGraph loaded = load(session, options, {.by_target = true, .by_source = false}, true, progress);
  const Degrees degrees = degrees_of(loaded.graph);
  const DistributedGraph& graph = loaded.graph;
  struct Part {
    std::uint64_t masters, ghosts, arcs;
  };
  const std::vector<Part> parts =
      session.communicator().all_gather(Part{graph.masters(), graph.ghosts(), graph.by_target().arcs()});
  const std::uint64_t peak = session.communicator().max(peak_rss_bytes());
  progress.finish();
  print_graph(session, options, loaded);
  if (session.rank() != 0) return ExitCode::ok;
  print_said(options, loaded);
  print_summary("memory     {} estimated to load it on a rank, {} at the peak of the largest\n",
                bytes_text(loaded.estimate), bytes_text(static_cast<double>(peak)));
  const std::optional<ExternalId> first = graph.ids().first();
  print_summary("ids        {}\n", graph.ids().are_names() ? "strings, numbered in the order of their bytes"
                                   : first ? fmt::format("{} .. {}", *first, *first + graph.vertices() - 1)
                                           : "sparse, numbered in ascending order");
  if (graph.directed())
    print_summary("degrees    highest in {}, out {}; {} without in-edges, {} without out-edges, {} without any\n",
                  degrees.highest_in, degrees.highest_out, counted_vertices(degrees.without_in), degrees.without_out,
                  degrees.isolated);
  else
    print_summary("degrees    highest {}; {} without edges\n", degrees.highest_out, counted_vertices(degrees.isolated));
  if (session.size() > 1) {
    print_summary("\n{:>5} {:>12} {:>12} {:>14}\n", "rank", "masters", "ghosts", "arcs");
    for (std::size_t r = 0; r < parts.size(); ++r)
      print_summary("{:>5} {:>12} {:>12} {:>14}\n", r, parts[r].masters, parts[r].ghosts, parts[r].arcs);
  }
  if (options.placement != "atoms") return ExitCode::ok;
  print_summary("\n");
  const std::vector<double> equal(static_cast<std::size_t>(session.size()), 1.0);
  const AtomIndex index = read_atom_index(options.path);
  print_atoms(options.path, index, deal_atoms(index, loaded.weights.empty() ? equal : loaded.weights));
  return ExitCode::ok;
}

}  // namespace gasket
