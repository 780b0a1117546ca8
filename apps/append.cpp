// `gasket append`: more edges for a graph that is cut into atoms.

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "apps/command.hpp"
#include "apps/memory_limit.hpp"
#include "apps/options.hpp"
#include "apps/summary.hpp"
#include "partition/atoms/append.hpp"
#include "partition/io/open.hpp"
#include "partition/memory.hpp"
#include "partition/parallel.hpp"

namespace gasket {
namespace {

std::string needed(const CommandLine& line, const std::string& name, std::string_view value) {
  if (!line.has(name))
    throw UsageError(fmt::format("append: --{} {} is missing; see gasket append --help", name, value));
  return line.get<std::string>(name);
}

AtomIndex read_index(Session& session, const std::string& folder) {
  AtomIndex index;
  session.communicator().agree([&] {
    if (std::error_code ignored; !std::filesystem::exists(folder, ignored))
      throw InputError(fmt::format("{}: there is no such folder (gasket convert --atoms makes one)", folder));
    if (!looks_like_atoms(folder))
      throw InputError(fmt::format("{}: is no folder of atoms (gasket convert --atoms makes one)", folder));
    index = read_atom_index(folder);
  });
  return index;
}

// Throws ResourceError (agreed) when the append would take more than the limit on a rank, or clearly more than the host
// has free. Returns the estimate for rank 0, in bytes. Collective.
double refuse_what_cannot_fit(Session& session, const EdgeSource& source, const AtomIndex& index, double limit) {
  double most = 0;
  session.communicator().agree([&] {
    const SourceSize size = source.estimate_size();
    most = estimate_append(size, index, parallel::threads(), true);
    const double nothing = estimate_append({}, index, parallel::threads(), true);
    const auto refuse = [&](const std::string& where, const std::string& beyond, double allowed) {
      throw ResourceError(
          fmt::format("{}: to append about {:.3g} edges with {:.3g} vertices needs about {} on {}, {}; {}",
                      source.describe(), size.edges, size.vertices, bytes_text(most), where, beyond,
                      nothing > allowed ? fmt::format("to append anything needs {}", bytes_text(nothing))
                                        : "append fewer at a time"));
    };
    if (limit > 0 && most > limit)
      refuse("rank 0", fmt::format("more than --memory-limit {}", bytes_text(limit)), limit);
    const double others = (session.ranks_on_host() - 1) * estimate_append(size, index, parallel::threads(), false);
    const auto free = static_cast<double>(available_memory());
    if (session.rank() == 0 && most + others > kEstimateTolerance * free)
      refuse("rank 0",
             fmt::format("and with the other ranks of the host {} more than the {} it has free", session.host(),
                         bytes_text(free)),
             kEstimateTolerance * free - others);
  });
  return most;
}

}  // namespace

ExitCode run_append(Session& session, int argc, char** argv) {
  CommandLine line(
      "append",
      "add edges, and the new vertices they name, to the journals of a folder of atoms, without placing anew; "
      "what is there stays as it is until all is written",
      {"gasket append --graph web.atoms --edges today.txt.gz",
       "mpirun -n 4 --bind-to none gasket append --graph roads.atoms --edges new_roads.wel"});
  line.add("append")("graph", "folder that gasket convert --atoms has written", cxxopts::value<std::string>(), "DIR")(
      "edges", "file with the new edges, of any format; with weights if the graph has them",
      cxxopts::value<std::string>(),
      "FILE")("format", "what the file is, as for other commands", cxxopts::value<std::string>()->default_value("auto"),
              "NAME")("drop-self-loops", "leave out edges from a vertex to itself");
  line.add_memory_option();
  line.add_machine_options();
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  const std::string folder = needed(line, "graph", "DIR"), edges = needed(line, "edges", "FILE");
  Progress progress(line.machine_options(session), session.rank());
  progress.stage(fmt::format("opening {}", edges));
  std::optional<AtomIndex> before = read_index(session, folder);
  const auto source = open_source(
      session.communicator(), {.path = edges, .format = line.get<std::string>("format"), .weights = before->weighted});
  const double estimate = refuse_what_cannot_fit(session, *source, *before, static_cast<double>(line.memory_limit()));
  before.reset();
  AppendOptions options;
  options.drop_self_loops = line.flag("drop-self-loops");
  options.on_stage = [&](std::string_view stage) { progress.stage(stage); };
  const AppendResult result = append_edges(session.communicator(), *source, folder, options);
  const std::uint64_t peak = session.communicator().max(peak_rss_bytes());
  progress.finish();
  if (session.rank() != 0) return ExitCode::ok;
  print_summary("appended {} and {} to {} of the {} of {}", counted(result.edges, "edge"),
                counted(result.vertices, "new vertex", "new vertices"), result.atoms,
                counted(result.index.atoms.size(), "atom"), folder);
  if (result.self_loops_dropped > 0) print_summary(" (dropped {})", counted(result.self_loops_dropped, "self loop"));
  print_summary("\nnow {}, {}\n", counted_vertices(result.index.vertices),
                counted_edges(result.index.edges, result.index.directed));
  print_summary("memory     {} estimated on rank 0, {} at the peak of the largest\n", bytes_text(estimate),
                bytes_text(static_cast<double>(peak)));
  return ExitCode::ok;
}

}  // namespace gasket
