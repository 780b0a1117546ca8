#pragma once
// The subcommands of `gasket`. Each runs alone or under mpirun, on every rank with the same arguments.

#include <string_view>

#include "partition/comm/session.hpp"

namespace gasket {

struct Command {
  std::string_view name;
  std::string_view summary;
  /// argv[0] is the subcommand's name. Returns the exit code; throws Error.
  ExitCode (*run)(Session& session, int argc, char** argv);
};

ExitCode run_pagerank(Session& session, int argc, char** argv);
ExitCode run_bfs(Session& session, int argc, char** argv);
ExitCode run_sssp(Session& session, int argc, char** argv);
ExitCode run_wcc(Session& session, int argc, char** argv);
ExitCode run_scc(Session& session, int argc, char** argv);
ExitCode run_kcore(Session& session, int argc, char** argv);
ExitCode run_cdlp(Session& session, int argc, char** argv);
ExitCode run_triangles(Session& session, int argc, char** argv);
ExitCode run_lcc(Session& session, int argc, char** argv);
ExitCode run_betweenness(Session& session, int argc, char** argv);
ExitCode run_color(Session& session, int argc, char** argv);
ExitCode run_denoise(Session& session, int argc, char** argv);
ExitCode run_demo(Session& session, int argc, char** argv);
ExitCode run_partition(Session& session, int argc, char** argv);
ExitCode run_info(Session& session, int argc, char** argv);
ExitCode run_generate(Session& session, int argc, char** argv);
ExitCode run_convert(Session& session, int argc, char** argv);
ExitCode run_append(Session& session, int argc, char** argv);
ExitCode run_validate(Session& session, int argc, char** argv);

}  // namespace gasket
