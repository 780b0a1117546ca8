#pragma once
// This rank's edges as a stream, in the order of the input or in one that is drawn by lot, the same in every run.
//
// Streaming strategies are made for edges in random order: in a list sorted by source, the first edges of a vertex all
// come at once and every new vertex meets full parts. Edges wait in memory anyway until they are placed, so they can be
// taken in a shuffled order: chunks in the order of their hashes, in windows of about four million edges, and inside a
// window by a random permutation.

#include <vector>

#include "partition/comm/communicator.hpp"
#include "partition/io/edge_chunk.hpp"

namespace gasket {

struct StreamEdge {
  GlobalId source;
  GlobalId target;
  std::uint32_t chunk;
  std::uint32_t index;
};

class EdgeStream {
 public:
  enum class Order { input, shuffled };

  /// Collective: all ranks will take the same number of batches.
  EdgeStream(Communicator& comm, std::span<const EdgeChunk> edges, Order order, std::uint64_t seed);

  /// Of all ranks.
  EdgeCount edges() const { return all_edges_; }
  /// The stream begins again.
  void rewind();
  /// The next edges, perhaps none on a rank whose stream has ended before the others'. False when it has on all ranks.
  bool next();
  std::span<const StreamEdge> batch() const { return batch_; }
  /// Whether the ranks should tell each other what they know before this batch. With one rank there is nothing to tell.
  bool alone() const { return alone_; }

 private:
  void open_window();
  void take(std::size_t slots);

  std::span<const EdgeChunk> edges_;
  Order order_;
  std::uint64_t seed_;
  bool alone_;
  EdgeCount all_edges_ = 0;
  std::size_t batch_edges_ = 0;
  std::uint64_t batches_ = 0;
  std::vector<std::uint32_t> chunks_;  // in the order of the stream

  std::uint64_t batch_number_ = 0;
  std::size_t chunk_ = 0;         // the first one behind the window
  std::size_t window_begin_ = 0;  // in chunks_
  std::uint64_t slots_ = 0;       // of the window: slot s is edge s & mask of chunk s >> shift, if there is one
  std::uint64_t slot_ = 0;
  int shift_ = 0;
  std::vector<StreamEdge> batch_;
};

}  // namespace gasket
