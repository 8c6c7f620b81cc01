#include "server/websocket_connection.hpp"

namespace storysign::server {

template class WebSocketConnection<PlainStream>;

}  // namespace storysign::server
