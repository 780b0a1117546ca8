#pragma once
// Placement: the rule that says which part stores an edge and which part masters a vertex. One small file per
// strategy; the table in placement.cpp is the only place that knows them all.
//
// A strategy is made by a factory that all ranks call together, so that it may look at all edges and talk: strategies
// that decide one edge after the other (greedy, hdrf, 2psl) or need the whole graph (hep, metis) do their work there.
// What is left is a rule that anyone may ask.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "partition/comm/communicator.hpp"
#include "partition/io/edge_chunk.hpp"
#include "partition/types.hpp"

namespace gasket {

/// Which degrees a strategy wants to know of every vertex before it places the first edge.
enum class DegreesWanted { none, total, in };

/// What a strategy is told. The spans outlive the placement.
struct PlacementInput {
  Communicator* comm = nullptr;
  /// Any number, whatever the number of ranks; at most kMostParts.
  PartId parts = 1;
  GlobalId vertices = 0;
  /// This rank's share, by global id, all chunks narrow or all wide. They stay as they are while edges are placed.
  std::span<const EdgeChunk> edges = {};
  bool undirected = false;
  /// One entry per vertex (saturating at 2^32 - 1), the same on every rank; empty when none are wanted.
  std::span<const std::uint32_t> degrees = {};
  std::uint64_t seed = 0;
  /// How much each part is to get, relative to the others (part_shares.hpp); empty when all are alike.
  std::span<const double> weights = {};
  /// Sums on their way to masters are larger than values on their way to ghosts by far (AdjacencyNeed).
  bool wide_sums = false;
  /// What the program does moves over the graph, and is in few places at a time (AdjacencyNeed).
  bool waves = false;
  /// Ranges that block-cyclic deals to each part.
  PartId ranges = 8;
  /// What the user wrote behind the colon of the name: the file of import:FILE.
  std::string_view argument = {};
};

inline constexpr PartId kMostParts = 1 << 14;

/// A rule, the same on every rank. Called once per chunk of edges, never per edge, by several workers at once.
class Placement {
 public:
  virtual ~Placement() = default;

  /// True when an edge and its reverse always go to the same part: then an undirected edge travels once, and its
  /// two arcs share their ghosts.
  virtual bool symmetric() const = 0;
  /// Writes the part of each edge (global ids) of the chunk; parts.size() == chunk.size(). `index` is the chunk's in
  /// PlacementInput::edges. A strategy that is not symmetric is also asked for chunks that are not in there.
  virtual void place(const EdgeChunk& chunk, std::size_t index, std::span<PartId> parts) const = 0;
  /// Writes the master's part of the vertices first, first + 1, ...
  virtual void masters(GlobalId first, std::span<PartId> parts) const = 0;
  /// True when a vertex is better mastered by one of the parts that hold edges of it, whichever saves most traffic
  /// (master_choice.hpp); masters() then holds only for vertices without edges.
  virtual bool masters_follow_edges() const { return false; }
  /// The strategy that an automatic one has chosen; else nothing.
  virtual std::string_view chosen() const { return {}; }
};

/// What a strategy promises about the edges of the fullest part, whatever the order of the input.
enum class Balance {
  limit,     // at most 1.05 of its share
  hashed,    // its share but for chance: edges, or vertices of low degree, are hashed
  vertices,  // at most 1.05 of its share, as far as that can be kept by whole vertices with their in-edges
  mixed,     // edges and vertices are balanced together, so that edges alone may be off
  none,      // a hub's edges may all come to one part, or chance is larger
};

/// Bytes that a strategy takes while it decides, beside the edges and the degrees; 0 for one that keeps nothing.
struct PlacingMemory {
  double edge = 0;           // for each edge of the rank
  double moved_edge = 0;     // more of them, where there are several ranks
  double gathered_edge = 0;  // for each edge of the graph, on rank 0
  double listed_edge = 0;    // for each edge of the graph, on every rank
  double vertex = 0;         // for each vertex of the graph, on every rank
  double copy = 0;           // and for each pair of vertex and part
};

struct PlacementInfo {
  std::string_view name;
  std::string_view summary;  // one line for help texts
  DegreesWanted degrees = DegreesWanted::none;
  Balance balance = Balance::none;
  bool any_ranks = false;  // the parts are the same whatever the number of ranks that place
  /// Collective. Throws UsageError, InputError, ResourceError (agreed).
  std::unique_ptr<Placement> (*make)(const PlacementInput&) = nullptr;
  bool splits_equal = false;  // equal edges, or an undirected edge and its reverse, may go to different parts
  PlacingMemory memory = {};
};

/// Every strategy that needs no argument and makes no choice among others, in the order of the help text.
std::span<const PlacementInfo> placements();
/// The strategy that `name`, such as "auto", "hdrf" or "import:web.parts", begins with. Throws UsageError that lists the
/// names, and names the option that the user wrote, when there is none, or when a file is missing or not wanted behind
/// the colon.
const PlacementInfo& find_placement(std::string_view name, std::string_view option = "--placement");
/// What the strategy of that name takes; looks into the file of import:FILE. Throws UsageError as find_placement does.
PlacingMemory placing_memory(std::string_view name);
/// The promise in some words, for help texts and tables.
std::string_view describe(Balance balance);
/// What stands behind the colon.
std::string_view placement_argument(std::string_view name);

}  // namespace gasket
