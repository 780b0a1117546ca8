#pragma once
// Graphs that are computed, not read. A graph depends on nothing but its parameters: the same for any number of ranks
// and threads.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "partition/io/edge_source.hpp"

namespace gasket {

enum class GeneratorKind { rmat, uniform, powerlaw, grid, path, star, complete };

/// Parameters; a kind looks only at its own. Vertices are 0 .. n-1, also those without an edge.
///
///   rmat      directed. 2^scale vertices, edge_factor * 2^scale edges, each found by choosing one of four quadrants
///             with probabilities a, b, c, 1-a-b-c at each of `scale` levels (Chakrabarti, Zhan, Faloutsos: R-MAT, SDM
///             2004); the defaults are Graph500's. With `permute` the ids are shuffled, as Graph500 asks. Has self
///             loops and repeated edges.
///   uniform   directed. `edges` edges, each with two different random ends. Has repeated edges.
///   powerlaw  directed. Each vertex has k out-edges (with `in_degrees`: in-edges) with a probability proportional to
///             k^-alpha, k = 1 .. max_degree (0: n-1), the other ends random (the synthetic graphs of PowerGraph,
///             Gonzalez et al., OSDI 2012, section 6). No self loops, no repeated edges. Mean degree at alpha 2.1: 4 to
///             5 for 10^5 to 10^6 vertices.
///   grid      undirected. rows * cols vertices, row by row, each tied to its right and its lower neighbour.
///   path      undirected. 0 - 1 - 2 - ... - n-1.
///   star      undirected. 0 tied to all others.
///   complete  undirected. Every pair.
struct GeneratorSpec {
  GeneratorKind kind = GeneratorKind::rmat;
  std::uint64_t seed = 1;
  bool weights = false;  // whole numbers 1 .. max_weight, each as likely
  std::uint64_t max_weight = 255;

  std::uint64_t scale = 16;        // rmat
  std::uint64_t edge_factor = 16;  // rmat
  double a = 0.57, b = 0.19, c = 0.19;
  bool permute = true;  // rmat

  std::uint64_t vertices = 0;    // uniform, powerlaw, path, star, complete
  std::uint64_t edges = 0;       // uniform
  double alpha = 2.1;            // powerlaw
  std::uint64_t max_degree = 0;  // powerlaw
  bool in_degrees = false;       // powerlaw
  std::uint64_t rows = 0;        // grid
  std::uint64_t cols = 0;        // grid

  bool operator==(const GeneratorSpec&) const = default;
};

/// A parameter as users write it.
struct GeneratorOption {
  std::string_view name;  // "edge-factor"
  std::string_view help;
  bool required;  // by the kinds that have it
  std::span<const GeneratorKind> kinds;
  bool flag = false;  // true or false; naming it alone means true
};

/// The names that parse_generator knows, in the order of GeneratorKind.
std::span<const std::string_view> generator_kinds();
/// All parameters of all kinds.
std::span<const GeneratorOption> generator_options();

/// The spec of kind `kind` with parameters given by name. Throws UsageError that says what was given and what is
/// allowed: for an unknown kind, a parameter that the kind does not have, a value that is no number or out of range, a
/// missing parameter.
GeneratorSpec parse_generator(std::string_view kind,
                              const std::vector<std::pair<std::string, std::string>>& parameters);
/// The same from one text, "rmat:scale=20,edge-factor=8".
GeneratorSpec parse_generator(std::string_view text);
/// The text that parse_generator reads back as the same spec (the parameters of its kind that are not the defaults).
std::string describe(const GeneratorSpec& spec);
/// Throws UsageError unless the spec can be generated: at most 2^40 vertices and 2^48 edges.
void validate(const GeneratorSpec& spec);

/// Its edges; of a power law about.
EdgeCount edge_count(const GeneratorSpec& spec);

/// A source of the graph `spec`; each rank makes a contiguous share of the edges (powerlaw: of the vertices). Needs no
/// memory beyond the chunks under way. O(1) per edge. Throws UsageError as validate does.
std::unique_ptr<EdgeSource> open_generator(const GeneratorSpec& spec, Share share);

}  // namespace gasket
