#include "server/websocket_connection.hpp"

#include <boost/beast/websocket/ssl.hpp>

namespace storysign::server {

template class WebSocketConnection<TlsStream>;

}  // namespace storysign::server
