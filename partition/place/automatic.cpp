// The strategy that the graph itself speaks for: ranges of vertices (contiguous) where ids that are close are neighbours,
// as in a mesh, a road network or a web crawl, or where there are no hubs; degree-based hashing (dbh) elsewhere.
//
// A sample decides: all edges of some vertices are placed by both, and ghosts are counted. Ranges are taken where they leave
// at most 1.5 times as many, since their ghosts get values only where those of a vertex cut send sums too, and where none is
// heavier than 1.1 of its share, because they cannot cut a hub. So they are on graphs whose vertices are much alike, even
// where ids say nothing. Of undirected graphs they may leave 8 times as many for programs whose sums are histograms
// (AdjacencyNeed::wide_sums).
//
// For what moves over the graph (AdjacencyNeed::waves) ranges are dealt in turn (block-cyclic), the most of
// eight, four or two per part that leave one ghost for 16 vertices at most: in a mesh or a road network.
//
// The sample is of about 2^12 vertices, fewer where they would have more than some 2^20 edges, 2^6 at least; both in the
// mean: a hub that is drawn comes with all its edges. O(edges)
// hashes, and the degrees that both need; 8 bytes per vertex on every rank, and 8 per edge of the
// sample and 16 per copy.

#include <algorithm>
#include <cmath>
#include <compare>

#include "partition/parallel.hpp"
#include "partition/place/degrees.hpp"
#include "partition/place/part_shares.hpp"
#include "partition/place/strategies.hpp"

namespace gasket {
namespace {

constexpr double kVertices = 1 << 12, kEdges = 1 << 20, kFewest = 1 << 6;  // of the sample
constexpr double kMoreTimes = 1.5, kMoreTimesOfWide = 8;
constexpr double kHeaviest = 1.1;
constexpr double kFewGhosts = 1.0 / 16;  // for each vertex

using Degrees = std::shared_ptr<const BigArray<std::uint32_t>>;

// A strategy and the degrees that it looks at.
class ChosenPlacement final : public Placement {
 public:
  ChosenPlacement(std::string_view name, PlacementInput input, Degrees degrees)
      : degrees_(std::move(degrees)), info_(find_placement(name)) {
    input.degrees = degrees_->span();
    placement_ = info_.make(input);
  }

  bool symmetric() const override { return placement_->symmetric(); }
  void place(const EdgeChunk& chunk, std::size_t index, std::span<PartId> parts) const override {
    placement_->place(chunk, index, parts);
  }
  void masters(GlobalId first, std::span<PartId> parts) const override { placement_->masters(first, parts); }
  bool masters_follow_edges() const override { return placement_->masters_follow_edges(); }
  std::string_view chosen() const override { return info_.name; }

  const Degrees& degrees() const { return degrees_; }

 private:
  Degrees degrees_;
  const PlacementInfo& info_;
  std::unique_ptr<Placement> placement_;
};

// Some vertices, drawn by their hash, and their ghosts under both placements.
class Sample {
 public:
  /// Collective.
  explicit Sample(const PlacementInput& input) : input_(input) {
    double edges = 0;
    for (const EdgeChunk& chunk : input.edges) edges += static_cast<double>(chunk.size());
    edges = input.comm->sum(edges);
    const auto n = static_cast<double>(input.vertices);
    const double part = std::min(1.0, std::max(kFewest / n, std::min(kVertices / n, kEdges / (2 * edges + 1))));
    vertices_ = n * part;
    if (part < 1) highest_ = static_cast<std::uint64_t>(std::ldexp(part, 64));
    edges_.resize(input.edges.size());
    parallel::for_each_index(edges_.size(), [&](std::size_t c) {
      edges_[c].narrow = pairs_of_sample(input.edges[c].narrow);
      edges_[c].wide = pairs_of_sample(input.edges[c].wide);
    });
  }

  /// How many vertices it has, about.
  double vertices() const { return vertices_; }
  /// Ghosts of the sample's vertices under a placement, on all parts. Collective.
  std::uint64_t ghosts(const Placement& placement) const {
    std::vector<std::vector<Copy>> found(edges_.size());
    parallel::for_each_index(found.size(), [&](std::size_t c) { found[c] = copies_in(edges_[c], placement); });
    std::vector<Copy> copies;
    for (std::vector<Copy>& some : found) {
      copies.insert(copies.end(), some.begin(), some.end());
      some = {};
    }
    drop_repeated(copies);
    if (!placement.masters_follow_edges()) add_masters(placement, copies);
    copies = input_.comm->all_gather_spans(std::span<const Copy>(copies));
    drop_repeated(copies);
    const auto follows = [&](std::size_t i) { return i > 0 && copies[i].vertex == copies[i - 1].vertex; };
    std::uint64_t ghosts = 0;
    for (std::size_t i = 0; i < copies.size(); ++i) ghosts += follows(i) ? 1 : 0;
    return ghosts;
  }

 private:
  struct Copy {
    GlobalId vertex;
    std::uint64_t part;
    auto operator<=>(const Copy&) const = default;
  };

  bool holds(GlobalId vertex) const { return mix(vertex ^ ~input_.seed) <= highest_; }

  std::vector<Copy> copies_in(const EdgeChunk& chunk, const Placement& placement) const {
    std::vector<Copy> copies;
    add_copies(chunk, placement, copies);
    if (input_.undirected && !placement.symmetric()) add_copies(reversed(chunk), placement, copies);
    drop_repeated(copies);
    return copies;
  }
  template <class Id>
  BigArray<Id> pairs_of_sample(const BigArray<Id>& pairs) const {
    std::vector<Id> kept;
    for (std::size_t i = 0; i < pairs.size(); i += 2)
      if (holds(pairs[i]) || holds(pairs[i + 1])) kept.insert(kept.end(), {pairs[i], pairs[i + 1]});
    return BigArray<Id>(std::span<const Id>(kept));
  }
  void add_copies(const EdgeChunk& chunk, const Placement& placement, std::vector<Copy>& copies) const {
    if (chunk.size() == 0) return;
    std::vector<PartId> parts(chunk.size());
    placement.place(chunk, 0, parts);
    chunk.for_each([&](GlobalId source, GlobalId target, std::size_t i) {
      if (holds(source)) copies.push_back({source, parts[i]});
      if (holds(target)) copies.push_back({target, parts[i]});
    });
  }

  static void add_masters(const Placement& placement, std::vector<Copy>& copies) {
    const std::size_t count = copies.size();
    for (std::size_t i = 0; i < count; ++i) {
      PartId master = 0;
      placement.masters(copies[i].vertex, std::span(&master, 1));
      copies.push_back({copies[i].vertex, master});
    }
  }
  static void drop_repeated(std::vector<Copy>& copies) {
    std::ranges::sort(copies);
    copies.erase(std::unique(copies.begin(), copies.end()), copies.end());
  }

  const PlacementInput& input_;
  std::uint64_t highest_ = ~std::uint64_t{0};  // hash in the sample
  std::vector<EdgeChunk> edges_;               // with an end in it
  double vertices_ = 0;
};

// The heaviest part, over its share, when every edge is where its target's master is.
double balance_of_targets(const PlacementInput& input, const Placement& placement,
                          std::span<const std::uint32_t> in_degrees) {
  std::vector<std::uint64_t> loads(input.parts);
  std::vector<PartId> parts(std::min<std::uint64_t>(input.vertices, std::uint64_t{1} << 16));
  for (GlobalId first = 0; first < input.vertices; first += parts.size()) {
    parts.resize(std::min<std::uint64_t>(parts.size(), input.vertices - first));
    placement.masters(first, parts);
    for (std::size_t i = 0; i < parts.size(); ++i) loads[parts[i]] += in_degrees[first + i];
  }
  return balance_of(loads, PartShares(input.parts, input.weights));
}

// Ranges by whatever degrees are at hand: near enough to count ghosts.
std::unique_ptr<Placement> about_even_ranges(PlacementInput input, const BigArray<std::uint32_t>& degrees) {
  input.degrees = degrees.span();
  return make_contiguous_placement(input);
}

}  // namespace

std::unique_ptr<Placement> make_automatic_placement(const PlacementInput& input) {
  const auto degrees = [&](DegreesWanted kind) {
    return std::make_shared<const BigArray<std::uint32_t>>(
        count_degrees(*input.comm, input.edges, input.vertices, kind, input.undirected));
  };
  auto hashing = std::make_unique<ChosenPlacement>("dbh", input, degrees(DegreesWanted::total));
  const Sample sample(input);
  const auto hashed = static_cast<double>(sample.ghosts(*hashing));
  // Directed edges leave ghosts with sums also under ranges, where a program gathers over out-edges too.
  const double times = input.wide_sums && input.undirected ? kMoreTimesOfWide : kMoreTimes;
  const auto ranged = static_cast<double>(sample.ghosts(*about_even_ranges(input, *hashing->degrees())));
  if (ranged > times * hashed) return hashing;
  const Degrees in_degrees = input.undirected ? hashing->degrees() : degrees(DegreesWanted::in);
  for (PartId ranges = input.waves ? input.ranges : 1; ranges > 0; ranges /= 2) {
    PlacementInput how = input;
    how.ranges = ranges;
    auto placement = std::make_unique<ChosenPlacement>(ranges == 1 ? "contiguous" : "block-cyclic", how, in_degrees);
    if (ranges > 1 && static_cast<double>(sample.ghosts(*placement)) > kFewGhosts * sample.vertices()) continue;
    if (balance_of_targets(input, *placement, in_degrees->span()) <= kHeaviest) return placement;
  }
  return hashing;
}

}  // namespace gasket
