#include "partition/build/at_masters.hpp"

#include <vector>

namespace gasket {

void add_at_masters(Communicator& comm, const GhostPlan& plan, BigArray<std::uint32_t>& counts) {
  std::vector<BigArray<std::uint32_t>> incoming(plan.peers.size());
  std::vector<Pending> messages;
  for (std::size_t i = 0; i < plan.peers.size(); ++i) {
    const GhostPlan::Peer& peer = plan.peers[i];
    incoming[i] = BigArray<std::uint32_t>(peer.masters.size());
    messages.push_back(comm.receive(peer.rank, Tag::reduce, incoming[i].span()));
    messages.push_back(comm.send(
        peer.rank, Tag::reduce,
        std::span<const std::uint32_t>(counts.data() + peer.ghosts.targets, peer.ghosts.end - peer.ghosts.targets)));
  }
  comm.wait_all(messages);
  for (std::size_t i = 0; i < plan.peers.size(); ++i)
    for (std::size_t k = 0; k < incoming[i].size(); ++k) counts[plan.peers[i].masters[k]] += incoming[i][k];
}

}  // namespace gasket
