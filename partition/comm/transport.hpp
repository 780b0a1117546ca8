#pragma once
// The seam between gasket and the network: the least that every protocol above needs. Open MPI stands behind
// it in earnest (mpi_transport), a seeded network of threads in tests (simulated_network). Only one thread of
// a rank calls it.

#include <cstddef>
#include <cstdint>
#include <span>

namespace gasket {

/// Separates the protocols that may be under way between two ranks at the same time.
enum class Tag : int { collective = 1, exchange = 2, reduce = 3, broadcast = 4, wake = 5, mailbox = 6 };

/// When a send has ended.
enum class Sent {
  away,  // its bytes may be changed; the message may wait anywhere, behind any number of others
  taken  // the other rank has begun to take it too: who waits for that is never far ahead of the other
};

class Transport {
 public:
  /// An operation that was started. Only the transport that made it looks inside.
  struct Ticket {
    std::uint64_t handle = 0;
    std::size_t received = 0;  // bytes that arrived, once a receive has ended
    bool done = true;
  };

  virtual ~Transport() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;

  /// Starts sending one message. Its bytes must stay as they are until the ticket is done. Messages between two
  /// ranks with the same tag arrive in the order sent.
  virtual Ticket send(int to, Tag tag, std::span<const std::byte> bytes, Sent done_when) = 0;
  /// Starts receiving one message of at most into.size() bytes.
  virtual Ticket receive(int from, Tag tag, std::span<std::byte> into) = 0;
  /// Starts collecting the same number of bytes from every rank, in rank order, into all (size() * mine.size()).
  virtual Ticket all_gather(std::span<const std::byte> mine, std::span<std::byte> all) = 0;
  /// Moves the network on; true when the operation has ended. Never blocks.
  virtual bool test(Ticket& ticket) = 0;
  /// Called between unsuccessful tests: gives the core away for a moment.
  virtual void idle() = 0;
};

}  // namespace gasket
