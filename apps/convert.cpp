// `gasket convert` and `gasket generate`: a graph from any source to a file, or to a folder of atoms.

#include <fmt/format.h>

#include <algorithm>

#include "apps/command.hpp"
#include "apps/load.hpp"
#include "apps/memory_limit.hpp"
#include "apps/options.hpp"
#include "apps/summary.hpp"
#include "apps/write_graph.hpp"
#include "partition/atoms/write.hpp"
#include "partition/io/generate.hpp"
#include "partition/io/open.hpp"
#include "partition/io/pending_file.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

constexpr AdjacencyNeed kRowsToWrite{.by_target = true, .by_source = false};

void print_dropped(const LoadCounts& counts) {
  if (counts.self_loops_dropped + counts.duplicates_dropped > 0)
    print_summary(" (dropped {} and {})", counted(counts.self_loops_dropped, "self loop"),
                  counted(counts.duplicates_dropped, "duplicate"));
  print_summary("\n");
}

void print_written(const Session& session, const WrittenGraph& graph, const std::string& path) {
  if (session.rank() != 0) return;
  print_summary("wrote {}: {}, {}", path, counted_vertices(graph.vertices), counted_edges(graph.edges, graph.directed));
  print_dropped(graph.counts);
  if (path.ends_with(".gsk")) return;
  if (!graph.directed)
    print_summary("note: an edge list does not say that its edges are undirected; read it with --undirected\n");
  if (graph.isolated > 0)
    print_summary("note: an edge list has no place for {} without an edge; .gsk keeps them\n",
                  counted_vertices(graph.isolated));
}

LoadOptions policies(const CommandLine& line) {
  LoadOptions options;
  options.undirected = line.flag("undirected");
  options.drop_self_loops = line.flag("drop-self-loops");
  options.drop_duplicates = line.flag("drop-duplicates");
  return options;
}

std::string output_of(const CommandLine& line, Session& session, std::string_view command) {
  if (!line.has("output"))
    throw UsageError(fmt::format("{0}: --output FILE is missing; see gasket {0} --help", command));
  const std::string path = line.output_file(session, "output");
  if (path.ends_with(".gsk.gz") || path.ends_with(".gsk.zst"))
    throw UsageError(
        fmt::format("--output {}: a .gsk file is read in place and so never compressed; name it .gsk", path));
  if (names_standard_output(path))
    summary_stream = stderr;
  else if (!line.has("atoms") && !path.ends_with(".gsk") && !reads_as_edge_list(path))
    throw UsageError(
        fmt::format("--output {}: would hold an edge list, and be read as something else by that name; what can be "
                    "written is .gsk, or edge lists as .txt, .txt.gz or .txt.zst",
                    path));
  return path;
}

std::string atom_placement(const CommandLine& line) {
  return line.has("placement") ? line.get<std::string>("placement") : AtomOptions().placement;
}

void convert_to_atoms(Session& session, const CommandLine& line, EdgeSource& source, const GraphOptions& graph,
                      const std::string& output, Progress& progress) {
  AtomOptions options;
  options.atoms = static_cast<AtomId>(line.number("atoms", 1, kMostAtoms));
  options.undirected = graph.undirected;
  options.drop_self_loops = graph.drop_self_loops;
  options.drop_duplicates = graph.drop_duplicates;
  options.placement = atom_placement(line);
  options.seed = line.number("seed", 0, ~std::uint64_t{0});
  options.on_stage = [&](std::string_view stage) { progress.stage(stage); };
  const WrittenAtoms written = write_atoms(session.communicator(), source, options, output);
  progress.finish();
  if (session.rank() != 0) return;
  const AtomIndex& index = written.index;
  print_summary("wrote {}: {} of {}, {}", output, counted(index.atoms.size(), "atom"), counted_vertices(index.vertices),
                counted_edges(index.edges, index.directed));
  print_dropped(written.counts);
  std::uint64_t copies = index.vertices;
  EdgeCount most = 0;
  for (const AtomFacts& atom : index.atoms) {
    copies += atom.ghosts;
    most = std::max(most, atom.edges);
  }
  print_summary("placed by {}: {:.3f} copies per vertex, the largest atom has {}\n", index.placement,
                static_cast<double>(copies) / static_cast<double>(index.vertices), counted(most, "edge"));
}

}  // namespace

ExitCode run_convert(Session& session, int argc, char** argv) {
  CommandLine line(
      "convert",
      "read any format, write .gsk (reloads fast, checked), an edge list (.txt, .txt.gz, .txt.zst), or a folder of "
      "atoms (placed once, for any number of ranks)",
      {"gasket convert --graph web.txt.gz --output web.gsk",
       "gasket convert --graph web.txt.gz --atoms 64 --output web.atoms",
       "mpirun -n 4 --bind-to none gasket convert --graph big.csv --undirected --drop-duplicates --output big.gsk"});
  line.add_input_options();
  line.add("convert")("output", "the file to write: .gsk by that name, else an edge list",
                      cxxopts::value<std::string>(), "FILE")("no-weights", "leave out the weights that the file has")(
      "atoms",
      "cut the graph into K parts and write a folder: an index, and for each part a journal that gasket append can "
      "extend; any number of ranks loads it without placing anew; 16 atoms or more per rank balance well",
      cxxopts::value<std::string>(), "K")(
      "placement", "with --atoms: the strategy that cuts; hep unless one is named (gasket partition compares them)",
      cxxopts::value<std::string>(), "NAME")("seed", "with --atoms: for the hashes of the placement",
                                             cxxopts::value<std::string>()->default_value("1"), "N");
  line.add_machine_options();
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const GraphOptions graph = line.graph_options();
  const std::string output = output_of(line, session, "convert");
  if (graph.names && line.has("atoms"))
    throw UsageError("--atoms: atoms have numbers as ids and no place for strings; .gsk files and edge lists have");
  if (line.has("placement") && !line.has("atoms"))
    throw UsageError("--placement: only atoms keep a placement; add --atoms K, or leave it out");
  if (line.has("atoms") && names_standard_output(output))
    throw UsageError("--atoms: writes a folder; --output must name one");
  Progress progress(line.machine_options(session), session.rank());
  const auto source = open_source(
      session.communicator(),
      {.path = graph.path, .format = graph.format, .names = graph.names, .weights = !line.flag("no-weights")});
  if (line.has("atoms")) {
    refuse_beyond_memory(session, *source,
                         {.weighted = source->weighted(),
                          .undirected = graph.undirected || !source->directed().value_or(true),
                          .drops_first = graph.drop_duplicates,
                          .threads = parallel::threads(),
                          .parts = static_cast<PartId>(line.number("atoms", 1, kMostAtoms)),
                          .placing = placing_memory(atom_placement(line))},
                         graph.memory_limit);
    convert_to_atoms(session, line, *source, graph, output, progress);
    return ExitCode::ok;
  }
  refuse_what_cannot_fit(session, *source, graph, kRowsToWrite);
  LoadOptions options = policies(line);
  options.order = graph.order;
  print_written(session, write_graph(session, *source, options, output, progress), output);
  return ExitCode::ok;
}

ExitCode run_generate(Session& session, int argc, char** argv) {
  std::string kinds;
  for (const std::string_view kind : generator_kinds()) kinds += fmt::format("{}{}", kinds.empty() ? "" : ", ", kind);
  CommandLine line("generate", "make a graph (" + kinds + "); the same for any number of ranks",
                   {"gasket generate rmat --scale 20 --edge-factor 16 --output g.gsk",
                    "gasket generate grid --rows 1000 --cols 1000 --weights --output grid.txt.gz"});
  line.add("")("kind", kinds, cxxopts::value<std::string>(), "KIND");
  for (const GeneratorOption& option : generator_options()) {
    std::string of;
    if (option.kinds.size() < generator_kinds().size())
      for (const GeneratorKind kind : option.kinds)
        of += fmt::format("{}{}", of.empty() ? "" : ", ", generator_kinds()[static_cast<std::size_t>(kind)]);
    const auto value = cxxopts::value<std::string>();
    if (option.flag) value->implicit_value("true");
    line.add("graph")(
        std::string(option.name),
        fmt::format("{}{}{}", of.empty() ? "" : of + ": ", option.help, option.required ? "; needed" : ""), value,
        option.flag ? "BOOL" : "N");
  }
  line.add("graph")("undirected", "every edge holds in both directions")(
      "drop-self-loops", "leave out edges from a vertex to itself")("drop-duplicates", "of equal edges keep one")(
      "output", "the file to write: .gsk by that name, else an edge list", cxxopts::value<std::string>(), "FILE");
  line.add_memory_option();
  line.add_machine_options();
  line.positional({"kind"}, "KIND [OPTIONS]");
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  if (!line.has("kind")) throw UsageError(fmt::format("generate: name a kind first: {}", kinds));
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const GeneratorOption& option : generator_options())
    if (const std::string name(option.name); line.has(name)) parameters.emplace_back(name, line.get<std::string>(name));
  const GeneratorSpec spec = parse_generator(line.get<std::string>("kind"), parameters);
  const std::string output = output_of(line, session, "generate");
  Progress progress(line.machine_options(session), session.rank());
  const auto source = open_generator(spec, {session.rank(), session.size()});
  GraphOptions limits;
  limits.undirected = line.flag("undirected");
  limits.memory_limit = line.memory_limit();
  refuse_what_cannot_fit(session, *source, limits, kRowsToWrite);
  print_written(session, write_graph(session, *source, policies(line), output, progress), output);
  return ExitCode::ok;
}

}  // namespace gasket
