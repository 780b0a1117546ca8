// `gasket validate`: two result files, one rule.

#include "engine/validate.hpp"

#include <fmt/format.h>

#include "apps/command.hpp"
#include "apps/options.hpp"
#include "apps/summary.hpp"

namespace gasket {

ExitCode run_validate(Session& session, int argc, char** argv) {
  CommandLine line(
      "validate", "compare two result files, a line `id value` per vertex, by the LDBC rules",
      {"gasket validate --rule exact expected-BFS.txt bfs.txt", "gasket validate --rule epsilon expected-PR.txt pr.txt",
       "gasket validate --rule equivalence expected-WCC.txt wcc.txt",
       "gasket validate --rule exact --ids string expected.txt bfs.txt"});
  line.add("")(
      "rule",
      "exact: equal integers (bfs, kcore, cdlp, triangles)\nepsilon: equal but for --epsilon (pagerank, sssp, lcc, "
      "betweenness)\nequivalence: the same classes under any labels (wcc, scc)",
      cxxopts::value<std::string>(), "NAME")("epsilon", "relative difference that the rule epsilon allows",
                                             cxxopts::value<std::string>()->default_value("0.0001"), "E")(
      "ids", "number, or string: whatever stands before the value; as --ids of the command that wrote the results",
      cxxopts::value<std::string>()->default_value("number"),
      "KIND")("expected", "the reference", cxxopts::value<std::string>(), "FILE")(
      "actual", "what is to be checked", cxxopts::value<std::string>(), "FILE");
  line.positional({"expected", "actual"}, "--rule NAME EXPECTED ACTUAL");
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  if (!line.has("rule")) throw UsageError("validate: --rule is missing; it must be one of exact, epsilon, equivalence");
  const std::string name = line.choice("rule", {"exact", "epsilon", "equivalence"});
  const Rule rule = name == "exact" ? Rule::exact : name == "epsilon" ? Rule::epsilon : Rule::equivalence;
  const IdKind ids = line.choice("ids", {"number", "string"}) == "string" ? IdKind::string : IdKind::number;
  const double epsilon = line.real("epsilon", 0, 1e300);
  if (rule != Rule::epsilon && line.has("epsilon"))
    throw UsageError(fmt::format("--epsilon is for the rule epsilon; the rule {} compares without one", name));
  if (!line.has("expected") || !line.has("actual")) throw UsageError("validate: name two files, EXPECTED and ACTUAL");

  Communicator& comm = session.communicator();
  ValidationResult result;
  comm.agree([&] {
    if (comm.rank() == 0)
      result = validate_results(line.get<std::string>("expected"), line.get<std::string>("actual"), rule, epsilon, ids);
  });
  if (comm.rank() == 0) {
    for (const Difference& difference : result.first)
      fmt::print("vertex {}: expected {}, found {}\n", difference.name, difference.expected, difference.actual);
    if (result.differing > result.first.size()) fmt::print("... and {} more\n", result.differing - result.first.size());
    fmt::print("{}: {} compared by the rule {}, {} differ\n", result.valid() ? "valid" : "INVALID",
               counted_vertices(result.compared), name, result.differing);
  }
  return comm.any(!result.valid()) ? ExitCode::failure : ExitCode::ok;
}

}  // namespace gasket
