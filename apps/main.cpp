// `gasket`: finds the subcommand, and is the one place that prints errors and decides the exit code.

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <new>
#include <system_error>

#include "apps/command.hpp"
#include "partition/io/unfinished.hpp"

namespace gasket {
namespace {

constexpr Command kCommands[] = {
    {"pagerank", "rank of every vertex by random walks", &run_pagerank},
    {"bfs", "number of edges from a source to every vertex", &run_bfs},
    {"sssp", "length of a shortest path from a source to every vertex", &run_sssp},
    {"wcc", "weakly connected components", &run_wcc},
    {"scc", "strongly connected components", &run_scc},
    {"kcore", "core number of every vertex", &run_kcore},
    {"cdlp", "communities by label propagation", &run_cdlp},
    {"triangles", "triangles of the graph and at every vertex", &run_triangles},
    {"lcc", "local clustering coefficient of every vertex", &run_lcc},
    {"betweenness", "how many shortest paths lead through every vertex", &run_betweenness},
    {"color", "colours such that neighbours have different ones", &run_color},
    {"denoise", "a picture without its noise, by belief propagation or Gibbs sampling", &run_denoise},
    {"demo", "what each level of consistency promises, and what happens without it", &run_demo},
    {"info", "what a graph file holds, and how a placement cuts it", &run_info},
    {"partition", "compare placement strategies on a graph, for any number of parts", &run_partition},
    {"generate", "make a graph: rmat, uniform, powerlaw, grid, path, star, complete", &run_generate},
    {"convert", "read any format, write .gsk, an edge list or atoms", &run_convert},
    {"append", "add edges to a folder of atoms, without placing anew", &run_append},
    {"validate", "compare two result files by the LDBC rules", &run_validate},
};

std::string usage() {
  std::string text =
      "usage: gasket COMMAND [OPTIONS]        (alone, or: mpirun -n RANKS gasket COMMAND [OPTIONS])\n\ncommands:\n";
  for (const Command& command : kCommands) text += fmt::format("  {:11} {}\n", command.name, command.summary);
  return text +
         "\n  gasket COMMAND --help tells a command's options\n"
         "\nexamples:\n"
         "  gasket pagerank --graph web.txt.gz --top 10\n"
         "  mpirun -n 4 --bind-to none gasket pagerank --graph web.txt --output ranks.tsv --report run.json\n"
         "  gasket generate rmat --scale 20 --edge-factor 16 --output g.gsk\n"
         "\nexit codes: 0 ok, 1 internal error or a validation that found differences, 2 wrong usage, 3 bad input,\n"
         "            4 not enough memory or disk, 5 lost peer\n";
}

ExitCode dispatch(Session& session, int argc, char** argv) {
  std::string_view name = argc > 1 ? argv[1] : "help";
  if (name == "--version" || name == "version") {
    if (session.rank() == 0) fmt::print("gasket {}\n", GASKET_VERSION);
    return ExitCode::ok;
  }
  static char help[] = "--help";
  char* help_arguments[] = {argv[0], argc > 2 ? argv[2] : nullptr, help, nullptr};
  if (name == "help" || name == "--help" || name == "-h") {
    if (argc <= 2) {
      if (session.rank() == 0) fmt::print("{}", usage());
      return ExitCode::ok;
    }
    name = argv[2];
    argv = help_arguments;
    argc = 3;
  }
  const auto command = std::ranges::find(kCommands, name, &Command::name);
  if (command == std::end(kCommands)) {
    std::string names;
    for (const Command& known : kCommands) names += fmt::format("{}{}", names.empty() ? "" : ", ", known.name);
    throw UsageError(fmt::format("there is no command '{}'; the commands are {}", name, names));
  }
  return command->run(session, argc - 1, argv + 1);
}

// Errors that all ranks throw are said once and left in order; any other error ends the whole job.
ExitCode run(Session& session, int argc, char** argv) {
  const auto alone = [&](ExitCode code, const char* message) {
    fmt::print(stderr, "gasket: rank {}: {}\n", session.rank(), message);
    std::fflush(stderr);
    remove_unfinished();
    if (session.size() > 1) session.abort(code);
    return code;
  };
  try {
    return dispatch(session, argc, argv);
  } catch (const Error& error) {
    // What was said on the command line is wrong on every rank alike.
    if (!error.agreed() && error.code() != ExitCode::usage) return alone(error.code(), error.what());
    if (session.rank() == 0) fmt::print(stderr, "gasket: {}\n", error.what());
    return error.code();
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::no_space_on_device) return alone(ExitCode::failure, error.what());
    return alone(ExitCode::resources, "standard output could not be written: no space left");
  } catch (const std::bad_alloc&) {
    return alone(ExitCode::resources, "out of memory");
  } catch (const std::exception& error) {
    return alone(ExitCode::failure, error.what());
  }
}

}  // namespace

}  // namespace gasket

int main(int argc, char** argv) {
  try {
    gasket::Session session(argc, argv);
    gasket::remove_unfinished_when_interrupted();
    std::signal(SIGXFSZ, SIG_IGN);  // a limit on the size of files is an error of the write
    const gasket::ExitCode code = gasket::run(session, argc, argv);
    if ((std::fflush(stdout) != 0 || std::ferror(stdout) != 0) && code == gasket::ExitCode::ok) {
      fmt::print(stderr, "gasket: standard output could not be written\n");
      return static_cast<int>(gasket::ExitCode::resources);
    }
    return static_cast<int>(code);
  } catch (const std::exception& error) {
    fmt::print(stderr, "gasket: {}\n", error.what());
    return static_cast<int>(gasket::ExitCode::failure);
  }
}
