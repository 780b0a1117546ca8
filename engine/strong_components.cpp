#include "engine/strong_components.hpp"

#include <unordered_map>

#include "engine/components.hpp"
#include "engine/run_meter.hpp"
#include "engine/spread.hpp"
#include "engine/step.hpp"
#include "partition/bitmap.hpp"
#include "partition/comm/exchange.hpp"
#include "partition/hash.hpp"
#include "partition/team.hpp"

namespace gasket {
namespace {

using Colour = std::uint64_t;

// Trimming goes on while it takes one in so many of the vertices that are left.
constexpr std::uint64_t kWorthTrimming = 64;

class StrongComponentFinder {
  struct Nothing {};
  // Which neighbours a vertex has among those left.
  struct Sides {
    std::uint8_t bits = 0;
    static constexpr std::uint8_t kIn = 1, kOut = 2, kBoth = 3;
  };

 public:
  explicit StrongComponentFinder(const DistributedGraph& graph)
      : graph_(graph),
        comm_(graph.communicator()),
        sides_(comm_, graph.ghost_plan(), Tag::reduce),
        removals_(comm_, graph.ghost_plan(), Tag::broadcast),
        forward_(graph, Flow::forward),
        backward_(graph, Flow::backward),
        left_(graph.locals()),
        found_(graph.locals()),
        coloured_(graph.masters()),
        copied_(graph.masters()),
        colours_(graph.locals()),
        labels_(graph.masters()),
        vertices_left_(graph.vertices()) {}

  StrongComponentsResult run() {
    const RunMeter meter(comm_);
    const parallel::Team team;
    parallel::for_ranges(graph_.locals(), kPass, [&](std::size_t begin, std::size_t end) {
      for (std::size_t v = begin; v < end; ++v) left_.insert(v);
    });
    for (const GhostPlan::Peer& peer : graph_.ghost_plan().peers)
      for (const LocalId master : peer.masters) copied_.insert(master);
    trim();
    if (vertices_left_ > 0) step([&] { find_around_pivot(); });
    trim();
    while (vertices_left_ > 0) {
      step([&] { find_by_colour(); });
      trim();
    }
    name_colours();
    record_.converged = true;
    meter.finish(record_);
    return {std::move(labels_), std::move(record_)};
  }

 private:
  // Different for different vertices, and in no order that the graph could know.
  Colour own_colour(LocalId v) const { return mix(graph_.global_id(v)); }

  template <class Body>
  std::uint64_t step(const Body& body) {
    const StepMeter meter(comm_);
    const std::uint64_t before = vertices_left_;
    body();
    const std::uint64_t found = before - vertices_left_;
    record_.supersteps.push_back(meter.finish(found));
    record_.updates += found;
    return found;
  }

  // -- Trimming -----------------------------------------------------------------------------------------------

  void trim() {
    while (vertices_left_ > 0 && step([&] { trim_once(); }) > vertices_left_ / kWorthTrimming) {
    }
  }

  // Masters whose arcs are all here are taken off as soon as they are seen, so that most chains go in one pass.
  void trim_once() {
    found_.clear();
    BigArray<Sides> sides(comm_.size() > 1 ? graph_.locals() : 0);
    parallel::for_ranges(graph_.locals(), kPass, [&](std::size_t begin, std::size_t end) {
      for (auto v = static_cast<LocalId>(begin); v < end; ++v) {
        if (!left_.contains_shared(v)) continue;
        Sides seen;
        if (has_neighbour(graph_.by_target(), v)) seen.bits |= Sides::kIn;
        if (has_neighbour(graph_.by_source(), v)) seen.bits |= Sides::kOut;
        if (comm_.size() > 1) sides[v] = seen;
        if (v < graph_.masters() && seen.bits != Sides::kBoth && !copied_.contains(v)) {
          found_.insert_shared(v);
          left_.erase_shared(v);
        }
      }
    });
    if (comm_.size() > 1) {
      sides_.start_reduce(Flow::both);
      for (std::size_t i = 0; i < graph_.ghost_plan().peers.size(); ++i)
        sides_.send_reduce(
            Flow::both, i, [&](LocalId ghost) { return sides[ghost].bits != 0; },
            [&](LocalId ghost) { return sides[ghost]; });
      sides_.finish_reduce(Flow::both, [&](LocalId master, Sides there) { sides[master].bits |= there.bits; });
      for (LocalId v = 0; v < graph_.masters(); ++v)
        if (left_.contains(v) && sides[v].bits != Sides::kBoth) found_.insert(v);
    }
    found_.for_each(0, graph_.masters(),
                    [&](std::size_t v) { labels_[v] = graph_.global_id(static_cast<LocalId>(v)); });
    remove_found();
  }

  bool has_neighbour(const Adjacency& rows, LocalId v) {
    for (const LocalId u : rows.row(v))
      if (u != v && left_.contains_shared(u)) return true;
    return false;
  }

  // Takes the masters in found_ off, here and where they have copies.
  void remove_found() {
    if (comm_.size() > 1) {
      removals_.start_broadcast(Flow::both);
      for (std::size_t i = 0; i < graph_.ghost_plan().peers.size(); ++i)
        removals_.send_broadcast(
            Flow::both, i, [&](LocalId master) { return found_.contains(master); }, [](LocalId) { return Nothing{}; });
      removals_.finish_broadcast(Flow::both, [&](LocalId ghost, Nothing) { remove(ghost); });
    }
    parallel::for_ranges(graph_.masters(), kPass, [&](std::size_t begin, std::size_t end) {
      found_.for_each(begin, end, [&](std::size_t v) { remove(static_cast<LocalId>(v)); });
    });
    vertices_left_ -= comm_.sum(found_.count(0, graph_.masters()));
  }
  void remove(LocalId v) {
    left_.erase(v);
    colours_[v] = 0;
  }

  // -- The component of a pivot ---------------------------------------------------------------------------------

  struct Pivot {
    std::uint64_t weight = 0;
    GlobalId vertex = 0;
  };

  GlobalId choose_pivot() const {
    Pivot best;
    for (LocalId v = 0; v < graph_.masters(); ++v) {
      const std::uint64_t weight = std::uint64_t{graph_.in_degree(v)} * graph_.out_degree(v);
      if (left_.contains(v) && weight >= best.weight) best = {weight + 1, graph_.global_id(v)};
    }
    return comm_.all_reduce(best, [](const Pivot& a, const Pivot& b) { return a.weight < b.weight ? b : a; }).vertex;
  }

  void find_around_pivot() {
    const GlobalId pivot = choose_pivot();
    Bitmap reached(graph_.locals());
    const auto mark = [&](LocalId v) { return left_.contains(v) && reached.insert_shared(v); };
    spread_marks(forward_, pivot, mark);
    // What leads to the pivot from a vertex that it reaches is reached by it too.
    found_.clear();
    const auto mark_back = [&](LocalId v) { return reached.contains(v) && found_.insert_shared(v); };
    spread_marks(backward_, pivot, mark_back);

    GlobalId smallest = graph_.vertices();
    found_.for_each(0, graph_.masters(), [&](std::size_t v) { smallest = std::min(smallest, graph_.global_ids()[v]); });
    smallest = comm_.min(smallest);
    found_.for_each(0, graph_.masters(), [&](std::size_t v) { labels_[v] = smallest; });
    remove_found();
  }

  template <class Mark>
  void spread_marks(Spread<Colour>& spread, GlobalId start, const Mark& mark) {
    spread.run([&](LocalId v) { return graph_.global_id(v) == start && mark(v); },
               [&](LocalId, LocalId to) { return mark(to); }, [](LocalId) { return Colour{}; },
               [&](LocalId v, Colour) { return mark(v); });
  }

  // -- Colours ------------------------------------------------------------------------------------------------

  void find_by_colour() {
    parallel::for_ranges(graph_.locals(), kPass, [&](std::size_t begin, std::size_t end) {
      left_.for_each(begin, end, [&](std::size_t v) {
        // Ghosts are told theirs, and so begin to spread it.
        colours_[v] = v < graph_.masters() ? own_colour(static_cast<LocalId>(v)) : std::numeric_limits<Colour>::max();
      });
    });
    const auto colour = [&](LocalId v) { return std::atomic_ref<Colour>(colours_[v]).load(std::memory_order_relaxed); };
    const auto lower = [&](LocalId v, Colour offer) {
      std::atomic_ref<Colour> shared(colours_[v]);
      Colour before = shared.load(std::memory_order_relaxed);
      while (offer < before)
        if (shared.compare_exchange_weak(before, offer, std::memory_order_relaxed)) return true;
      return false;  // also where v has been taken off: its colour is 0
    };
    forward_.run([&](LocalId v) { return left_.contains(v); },
                 [&](LocalId from, LocalId to) { return lower(to, colour(from)); }, colour, lower);

    found_.clear();
    backward_.run(
        [&](LocalId v) { return left_.contains(v) && colours_[v] == own_colour(v) && found_.insert_shared(v); },
        [&](LocalId from, LocalId to) {
          return colours_[to] == colours_[from] && left_.contains(to) && found_.insert_shared(to);
        },
        [&](LocalId v) { return colours_[v]; },
        [&](LocalId v, Colour told) {
          colours_[v] = told;  // ghosts that are only targets have not heard it
          return found_.insert_shared(v);
        });
    found_.for_each(0, graph_.masters(), [&](std::size_t v) {
      labels_[v] = colours_[v];
      coloured_.insert(v);
    });
    remove_found();
  }

  // Labels that are colours become the smallest vertex of the colour. A colour's owner finds it.
  void name_colours() {
    struct Group {
      Colour colour;
      GlobalId smallest;
    };
    const auto owner = [&](Colour colour) { return spread(mix(colour), static_cast<std::uint32_t>(comm_.size())); };
    std::unordered_map<Colour, GlobalId> smallest;
    const auto fold = [&](const Group& group) {
      GlobalId& known = smallest.try_emplace(group.colour, group.smallest).first->second;
      known = std::min(known, group.smallest);
    };
    coloured_.for_each(0, graph_.masters(), [&](std::size_t v) { fold({labels_[v], graph_.global_ids()[v]}); });

    std::vector<std::vector<Group>> to(static_cast<std::size_t>(comm_.size()));
    for (const auto& [colour, vertex] : smallest) to[owner(colour)].push_back({colour, vertex});
    std::vector<BigArray<Group>> outgoing;
    for (const std::vector<Group>& list : to) outgoing.emplace_back(std::span<const Group>(list));
    std::vector<BigArray<Group>> groups = exchange(comm_, std::move(outgoing));
    for (const BigArray<Group>& list : groups)
      for (const Group& group : list) fold(group);
    for (BigArray<Group>& list : groups)
      for (Group& group : list) group.smallest = smallest[group.colour];
    for (const BigArray<Group>& list : exchange(comm_, std::move(groups)))
      for (const Group& group : list) fold(group);
    coloured_.for_each(0, graph_.masters(), [&](std::size_t v) { labels_[v] = smallest[labels_[v]]; });
  }

  const DistributedGraph& graph_;
  Communicator& comm_;
  GhostSync<Sides> sides_;
  GhostSync<Nothing> removals_;
  Spread<Colour> forward_;
  Spread<Colour> backward_;
  Bitmap left_;      // vertices without a label
  Bitmap found_;     // those that get one in this step
  Bitmap coloured_;  // masters whose label is a colour
  Bitmap copied_;    // masters that have ghosts
  BigArray<Colour> colours_;
  BigArray<GlobalId> labels_;
  std::uint64_t vertices_left_;  // on all ranks
  RunRecord record_;
};

}  // namespace

StrongComponentsResult find_strong_components(const DistributedGraph& graph) {
  if (!graph.directed()) {
    ComponentsResult<GlobalId> weak = find_components<GlobalId>(graph);
    return {std::move(weak.labels), std::move(weak.record)};
  }
  if (!graph.has_by_target() || !graph.has_by_source())
    throw_agreed(UsageError("strong components need the rows of both directions"));
  return StrongComponentFinder(graph).run();
}

}  // namespace gasket
