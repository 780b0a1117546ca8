#pragma once
// One round of a bounded all-to-all: every rank gives each rank a bucket of values of any length. A stream of any
// size goes through in rounds of as much as the caller fills into the buckets.

#include <vector>

#include "partition/big_array.hpp"
#include "partition/comm/communicator.hpp"

namespace gasket {

/// Sends outgoing[r] to rank r and returns what each rank sent here, in rank order; the own bucket is moved, not
/// copied. Lengths are 64-bit; until all has come, what is sent and what is received are in memory both. Collective.
template <class T>
std::vector<BigArray<T>> exchange(Communicator& comm, std::vector<BigArray<T>> outgoing) {
  std::vector<std::uint64_t> sizes;
  for (const BigArray<T>& bucket : outgoing) sizes.push_back(bucket.size());
  const std::vector<std::uint64_t> theirs = comm.all_to_all(sizes);

  const auto ranks = static_cast<std::size_t>(comm.size()), me = static_cast<std::size_t>(comm.rank());
  std::vector<BigArray<T>> incoming(ranks);
  std::vector<Pending> receives, sends(ranks);
  // All memory first: a receive must not outlive an array that an exception frees.
  for (std::size_t r = 0; r < ranks; ++r)
    if (r != me) incoming[r] = BigArray<T>(theirs[r]);
  for (std::size_t r = 0; r < ranks; ++r) {
    if (r == me) continue;
    receives.push_back(comm.receive(static_cast<int>(r), Tag::exchange, incoming[r].span()));
  }
  for (std::size_t step = 1; step < ranks; ++step) {
    const std::size_t to = (me + step) % ranks;
    sends[to] = comm.send(static_cast<int>(to), Tag::exchange, std::span<const T>(outgoing[to].span()));
  }
  incoming[me] = std::move(outgoing[me]);
  comm.wait_all(receives);
  for (std::size_t r = 0; r < ranks; ++r) {
    comm.wait(sends[r]);
    outgoing[r].free();
  }
  return incoming;
}

}  // namespace gasket
