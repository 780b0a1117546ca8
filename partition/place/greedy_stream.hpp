#pragma once
// The common part of oblivious, greedy and HDRF: edges go one after the other to the part of highest score
// (greedy_chooser.hpp).
//
// Every rank streams its own share, shuffled (edge_stream.hpp). From batch to batch (at most 65536 edges a rank) loads
// are added up, and new copies told to all where the strategy says so. State: parts / 8 bytes per vertex and what gains
// keep beside the copies, on every rank, whatever the number of edges.

#include "partition/place/assigned_edges.hpp"
#include "partition/place/edge_stream.hpp"
#include "partition/place/greedy_chooser.hpp"
#include "partition/place/replica_sets.hpp"

namespace gasket {

inline constexpr double kMostLoad = 1.05;  // times the equal share

/// GainsOf: what a copy of either end is worth.
/// - GainsOf::Beside: what it keeps of a vertex beside the copies, 4 bytes or an empty type;
/// - prepare(copies) fills that in;
/// - (copies, u, v) -> Gains.
template <class GainsOf>
class GreedyStream {
 public:
  /// Collective.
  GreedyStream(const PlacementInput& input, bool tell_copies, double lambda, const GainsOf& gains)
      : input_(input),
        gains_(gains),
        stream_(*input.comm, input.edges, EdgeStream::Order::shuffled, input.seed),
        shares_(input.parts, input.weights),
        loads_(shares_, stream_.edges(), kMostLoad),
        sliced_(shares_, loads_),
        chooser_(lambda, sliced_),
        copies_(input.vertices, input.parts),
        parts_(input.edges),
        tell_(tell_copies && !stream_.alone()) {
    gains_.prepare(copies_);
    if (tell_) copies_.keep_news();
  }

  /// Streams all edges. Collective.
  std::unique_ptr<Placement> run() {
    while (stream_.next()) {
      if (!stream_.alone()) exchange();
      read_batch();
      if (input_.parts <= 64)
        place_batch([this](GlobalId u, GlobalId v) {
          return chooser_.choose(copies_.word(u, 0), copies_.word(v, 0), gains_(copies_, u, v));
        });
      else
        place_batch([this](GlobalId u, GlobalId v) {
          return chooser_.choose(copies_, u, v, gains_(copies_, u, v), loads_.least());
        });
      write_batch();
    }
    return std::make_unique<AssignedEdges>(input_, std::move(parts_));
  }

 private:
  struct Ends {
    GlobalId source, target;
  };

  void exchange() {
    loads_.exchange(*input_.comm, stream_.size());
    sliced_.renew();
    if (tell_) copies_.exchange(*input_.comm);
  }

  void read_batch() {
    batch_.clear();
    stream_.deal([&](const EdgeRun& run, std::uint32_t k) {
      with_ends(input_.edges[run.chunk], run, [&](const auto* ends) {
        batch_.push_back({ends[2 * k], ends[2 * k + 1]});
      });
    });
  }
  void write_batch() {
    std::size_t next = 0;
    stream_.deal([&](const EdgeRun& run, std::uint32_t k) { parts_.at(run.chunk, run.first + k) = placed_[next++]; });
  }

  template <class Choose>
  void place_batch(const Choose& choose) {
    constexpr std::size_t ahead = 12;
    placed_.resize(batch_.size());
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      if (i + ahead < batch_.size()) {
        copies_.prefetch(batch_[i + ahead].source);
        copies_.prefetch(batch_[i + ahead].target);
      }
      const auto [u, v] = batch_[i];
      const PartId part = choose(u, v);
      sliced_.add(part);
      copies_.insert(u, part);
      copies_.insert(v, part);
      placed_[i] = static_cast<std::uint16_t>(part);
    }
  }

  const PlacementInput& input_;
  GainsOf gains_;
  EdgeStream stream_;
  PartShares shares_;
  PartLoads loads_;
  SlicedLoads sliced_;
  GreedyChooser chooser_;
  ReplicaSets<typename GainsOf::Beside> copies_;
  EdgeParts parts_;
  bool tell_;
  std::vector<Ends> batch_;
  std::vector<std::uint16_t> placed_;
};

}  // namespace gasket
