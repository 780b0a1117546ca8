#include "engine/components.hpp"

#include "engine/component_names.hpp"
#include "engine/ghost_sync.hpp"
#include "engine/local_components.hpp"
#include "engine/run_meter.hpp"
#include "partition/bitmap.hpp"
#include "partition/team.hpp"

namespace gasket {
namespace {

// Pairs of names with most of the repetitions left out as they come.
template <class Name>
class PairList {
 public:
  PairList() : recent_(kRecent) {}

  void add(Name a, Name b) {
    const NamePair<Name> pair{std::min(a, b), std::max(a, b)};
    NamePair<Name>& last = recent_[mix(mix(pair.low) ^ pair.high) % kRecent];
    if (last == pair) return;
    last = pair;
    pairs_.push_back(pair);
  }
  std::vector<NamePair<Name>> take() { return std::move(pairs_); }

 private:
  static constexpr std::size_t kRecent = std::size_t{1} << 12;
  std::vector<NamePair<Name>> recent_;  // {0, 0} is no pair
  std::vector<NamePair<Name>> pairs_;
};

template <class Label>
class ComponentFinder {
 public:
  ComponentFinder(const DistributedGraph& graph, const ComponentsOptions& options)
      : graph_(graph), options_(options), comm_(graph.communicator()) {}

  ComponentsResult<Label> run() {
    const RunMeter meter(comm_);
    const parallel::Team team;
    ComponentsResult<Label> result;
    result.record.supersteps.push_back(timed(graph_.vertices(), [&] { find_local(); }));
    if (comm_.size() > 1) result.record.supersteps.push_back(timed(0, [&] { join_ranks(); }));
    result.labels = label_masters();
    result.record.converged = true;
    result.record.updates = graph_.vertices();
    meter.finish(result.record);
    return result;
  }

 private:
  static constexpr std::size_t kGrain = LocalComponents::kGrain;

  // Every vertex gets its label once, as the record counts it.
  template <class Body>
  SuperstepRecord timed(std::uint64_t labelled, const Body& body) {
    const StepMeter meter(comm_);
    body();
    return meter.finish(labelled);
  }

  // -- On this rank -----------------------------------------------------------------------------------------

  // On one rank in the input's order a local id is the global id.
  bool roots_are_names() const { return comm_.size() == 1 && graph_.order() == VertexOrder::input; }

  void find_local() {
    LocalComponents components(graph_, graph_.has_by_target() ? graph_.by_target() : graph_.by_source());
    if (!roots_are_names()) names_ = BigArray<Label>::on_whole_pages(graph_.locals());
    open_ghosts_ = components.open_ghosts();
    const LocalId giant = components.giant();
    UnionFind& sets = components.sets();
    parallel::for_ranges(graph_.masters(), kGrain, [&](std::size_t first, std::size_t last) {
      name(sets, giant, last - first, [&](std::size_t i) { return static_cast<LocalId>(first + i); });
    });
    parallel::for_ranges(open_ghosts_.size(), kGrain, [&](std::size_t first, std::size_t last) {
      name(sets, giant, last - first, [&](std::size_t i) { return open_ghosts_[first + i]; });
    });
    roots_ = std::move(components.sets()).take();
  }

  // Makes each of some vertices the child of its root, and finds the smallest global id under each root but its own.
  // Most vertices are in the giant component: what they find is kept apart until the end.
  template <class VertexAt>
  void name(UnionFind& sets, LocalId giant, std::size_t count, const VertexAt& vertex_at) {
    Label in_giant = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const LocalId v = vertex_at(i), above = sets.parent(v);
      if (above == v) continue;
      const LocalId root = above == giant ? giant : sets.flatten(v);
      if (names_.empty()) continue;
      const Label id = complement(graph_.global_id(v));
      if (root == giant)
        in_giant = std::max(in_giant, id);
      else
        raise(root, id);
    }
    if (in_giant > 0) raise(giant, in_giant);
  }

  static Label complement(GlobalId id) { return static_cast<Label>(~static_cast<Label>(id)); }

  void raise(LocalId root, Label value) {
    std::atomic_ref<Label> shared(names_[root]);
    Label before = shared.load(std::memory_order_relaxed);
    while (before < value && !shared.compare_exchange_weak(before, value, std::memory_order_relaxed)) {
    }
  }

  Label name_of(LocalId root) const { return complement(std::max(names_[root], complement(graph_.global_id(root)))); }
  void rename(LocalId root, Label name) { names_[root] = complement(name); }

  BigArray<Label> label_masters() {
    if (names_.empty()) {
      if constexpr (std::same_as<Label, LocalId>) return std::move(roots_);
    }
    return fill([&](LocalId v) { return names_.empty() ? Label{roots_[v]} : name_of(roots_[v]); });
  }
  // The labels take the place of the roots where they are of the same size.
  template <class LabelOf>
  BigArray<Label> fill(const LabelOf& label_of) {
    BigArray<Label> labels;
    Label* into = nullptr;
    if constexpr (std::same_as<Label, LocalId>) {
      into = roots_.data();
    } else {
      labels = BigArray<Label>::on_whole_pages(graph_.masters());
      into = labels.data();
    }
    parallel::for_ranges(graph_.masters(), kGrain, [&](std::size_t first, std::size_t last) {
      for (auto v = static_cast<LocalId>(first); v < last; ++v) into[v] = label_of(v);
    });
    if constexpr (std::same_as<Label, LocalId>) {
      labels = std::move(roots_);
      labels.shrink(graph_.masters());
    }
    return labels;
  }

  // -- Between ranks ----------------------------------------------------------------------------------------

  void join_ranks() {
    Bitmap shared(graph_.locals());  // roots of components with copies elsewhere
    for (const LocalId ghost : open_ghosts_) shared.insert(roots_[ghost]);
    const JoinedNames<Label> joined(comm_, pair_names(shared), options_.gathered_pairs);

    std::vector<LocalId> roots;
    shared.for_each(0, graph_.locals(), [&](std::size_t root) { roots.push_back(static_cast<LocalId>(root)); });
    std::vector<Label> names;
    for (const LocalId root : roots) names.push_back(name_of(root));
    joined.resolve(names);
    for (std::size_t i = 0; i < roots.size(); ++i) rename(roots[i], names[i]);
  }

  // The open ghosts tell their masters the names of their components: 4 or 8 bytes per ghost, once.
  std::vector<NamePair<Label>> pair_names(Bitmap& shared) {
    GhostSync<Label> sync(comm_, graph_.ghost_plan(), Tag::reduce);
    sync.start_reduce(Flow::both);
    sync.send_reduce(Flow::both, open_ghosts_, [&](LocalId ghost) { return name_of(roots_[ghost]); });
    PairList<Label> pairs;
    sync.finish_reduce(Flow::both, [&](LocalId master, Label there) {
      const LocalId root = roots_[master];
      shared.insert(root);
      if (names_[root] == 0) {
        // A vertex alone here goes by the name it has there, which is no larger: nobody else goes by its own.
        rename(root, there);
      } else if (const Label mine = name_of(root); mine != there) {
        pairs.add(mine, there);
      }
    });
    return pairs.take();
  }

  const DistributedGraph& graph_;
  const ComponentsOptions& options_;
  Communicator& comm_;
  std::vector<LocalId> open_ghosts_;
  BigArray<LocalId> roots_;  // of masters and open ghosts
  // By root, the complement of the smallest global id that others brought; 0, as in fresh memory, where nobody did.
  BigArray<Label> names_;
};

}  // namespace

template <class Label>
ComponentsResult<Label> find_components(const DistributedGraph& graph, const ComponentsOptions& options) {
  if (!graph.has_by_target() && !graph.has_by_source())
    throw_agreed(UsageError("components need the rows of one direction at least"));
  if (graph.vertices() > std::numeric_limits<Label>::max())
    throw_agreed(UsageError("components of this graph need labels of 64 bits"));
  return ComponentFinder<Label>(graph, options).run();
}

template ComponentsResult<std::uint32_t> find_components(const DistributedGraph&, const ComponentsOptions&);
template ComponentsResult<std::uint64_t> find_components(const DistributedGraph&, const ComponentsOptions&);

}  // namespace gasket
