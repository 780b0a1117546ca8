#pragma once
// This rank's edges as a stream, in the order of the input or in one that is drawn by lot, the same in every run.
//
// Streaming strategies are made for edges in random order: in a list sorted by source, the first edges of a vertex all
// come at once and every new vertex meets full parts. Edges wait in memory anyway until they are placed, so they can be
// taken in a shuffled order: chunks in the order of their hashes, in windows of about four million edges, and inside a
// window by a random permutation of runs of eight edges, which share a cache line. The edges of a batch of runs are
// dealt out one of each run at a time, so that neighbours in the input are not neighbours in the stream.

#include <vector>

#include "partition/comm/communicator.hpp"
#include "partition/io/edge_chunk.hpp"

namespace gasket {

/// Edges that follow each other in a chunk.
struct EdgeRun {
  std::uint32_t chunk;
  std::uint32_t first;
  std::uint32_t count;
};

/// use(source, target, source, target, ... of the run), as an array of the ids' width.
template <class Use>
void with_ends(const EdgeChunk& chunk, const EdgeRun& run, const Use& use) {
  if (chunk.narrow.empty())
    use(chunk.wide.data() + 2 * std::size_t{run.first});
  else
    use(chunk.narrow.data() + 2 * std::size_t{run.first});
}

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
  std::span<const EdgeRun> runs() const { return runs_; }
  /// Edges of the batch.
  std::size_t size() const { return size_; }
  /// Visits each edge of the batch, dealt out from the runs: visit(run, place in it).
  template <class Visit>
  void deal(const Visit& visit) const {
    for (std::uint32_t k = 0; k < longest_; ++k)
      for (const EdgeRun& run : runs_)
        if (k < run.count) visit(run, k);
  }
  /// Whether the ranks should tell each other what they know before this batch. With one rank there is nothing to tell.
  bool alone() const { return alone_; }

 private:
  void open_window();
  void take_in_order();
  void take_by_lot();
  void take(std::uint32_t chunk, std::size_t first, std::size_t count);

  std::span<const EdgeChunk> edges_;
  Order order_;
  std::uint64_t seed_;
  bool alone_;
  EdgeCount all_edges_ = 0;
  std::size_t batch_edges_ = 0;
  std::uint64_t batches_ = 0;
  std::vector<std::uint32_t> chunks_;  // in the order of the stream

  std::uint64_t batch_number_ = 0;
  std::size_t chunk_ = 0;         // in order: the one that is read. By lot: the first one behind the window
  std::size_t at_ = 0;            // in order: the next edge of the chunk
  std::size_t window_begin_ = 0;  // in chunks_
  std::uint64_t slots_ = 0;       // of the window: slot s is run s & mask of chunk s >> shift, if there is one
  std::uint64_t slot_ = 0;
  int shift_ = 0;
  int run_shift_ = 0;  // edges of a run, as a power of two
  std::vector<EdgeRun> runs_;
  std::size_t size_ = 0;
  std::uint32_t longest_ = 0;
};

}  // namespace gasket
