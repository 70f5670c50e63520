@testable import KubernetesWatch

/// Kubeconfigs as the tools write them, with the certificates of SamplePEM.
enum KubeconfigSamples {
    static let authorityData = Base64.encode(Array(SamplePEM.authority.utf8))
    static let certificateData = Base64.encode(Array(SamplePEM.certificate.utf8))
    static let keyData = Base64.encode(Array(SamplePEM.key.utf8))

    /// `kind get kubeconfig`.
    static let kind = """
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: \(authorityData)
            server: https://127.0.0.1:39471
          name: kind-kind
        contexts:
        - context:
            cluster: kind-kind
            user: kind-kind
          name: kind-kind
        current-context: kind-kind
        kind: Config
        preferences: {}
        users:
        - name: kind-kind
          user:
            client-certificate-data: \(certificateData)
            client-key-data: \(keyData)

        """

    /// `/etc/kubernetes/kubelet.conf`, beside the files that the kubelet rotates.
    static let kubelet = """
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority: pki/ca.crt
            server: https://[fd00::10]:6443
          name: default-cluster
        contexts:
        - context:
            cluster: default-cluster
            namespace: default
            user: default-auth
          name: default-context
        current-context: default-context
        kind: Config
        preferences: {}
        users:
        - name: default-auth
          user:
            client-certificate: pki/kubelet-client-current.pem
            client-key: pki/kubelet-client-current.pem

        """

    /// `aws eks update-kubeconfig`.
    static let eks = """
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: \(authorityData)
            server: https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com
          name: arn:aws:eks:eu-central-1:111122223333:cluster/shop
        contexts:
        - context:
            cluster: arn:aws:eks:eu-central-1:111122223333:cluster/shop
            user: arn:aws:eks:eu-central-1:111122223333:cluster/shop
          name: arn:aws:eks:eu-central-1:111122223333:cluster/shop
        current-context: arn:aws:eks:eu-central-1:111122223333:cluster/shop
        kind: Config
        preferences: {}
        users:
        - name: arn:aws:eks:eu-central-1:111122223333:cluster/shop
          user:
            exec:
              apiVersion: client.authentication.k8s.io/v1beta1
              args:
              - --region
              - eu-central-1
              - eks
              - get-token
              - --cluster-name
              - shop
              - --output
              - json
              command: aws
              env:
              - name: AWS_PROFILE
                value: production

        """

    /// `gcloud container clusters get-credentials`.
    static let gke = """
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: \(authorityData)
            server: https://203.0.113.10
          name: gke_shop_europe-west3_main
        contexts:
        - context:
            cluster: gke_shop_europe-west3_main
            user: gke_shop_europe-west3_main
          name: gke_shop_europe-west3_main
        current-context: gke_shop_europe-west3_main
        kind: Config
        preferences: {}
        users:
        - name: gke_shop_europe-west3_main
          user:
            exec:
              apiVersion: client.authentication.k8s.io/v1beta1
              command: gke-gcloud-auth-plugin
              installHint: Install gke-gcloud-auth-plugin for use with kubectl by following
                https://cloud.google.com/blog/products/containers-kubernetes/kubectl-auth-changes-in-gke
              provideClusterInfo: true

        """

    /// Rancher's, as JSON, with a token.
    static let rancher = """
        {"apiVersion": "v1", "kind": "Config", "current-context": "shop",
         "clusters": [{"name": "shop", "cluster": {"server": "https://rancher.example.org/k8s/clusters/c-m-1"}}],
         "users": [{"name": "shop", "user": {"token": "kubeconfig-u-abc:secret"}}],
         "contexts": [{"name": "shop", "context": {"user": "shop", "cluster": "shop"}}]}
        """

    /// Everything that a cluster and a user can have, and some that nobody knows; two contexts.
    static let everything = """
        kind: Config
        current-context: plain
        contexts:
        - {name: plain, context: {cluster: plain, user: basic}}
        - {name: full, context: {cluster: full, user: full, namespace: x}}
        - {name: nobody, context: {cluster: full, extensions: []}}
        - {name: key-in-file, context: {cluster: full, user: key-in-file}}
        - {name: token-wins, context: {cluster: full, user: token-wins}}
        clusters:
        - name: plain
          cluster: {server: "localhost:8080", insecure-skip-tls-verify: false, proxy-url: "http://proxy:3128"}
        - name: full
          cluster:
            server: 10.0.0.1:6443
            insecure-skip-tls-verify: true
            tls-server-name: api.internal
            proxy-url: socks5://127.0.0.1:1080
            disable-compression: true
            extensions: [{name: something, extension: {provider: minikube.sigs.k8s.io}}]
        users:
        - {name: basic, user: {username: joe, password: secret}}
        - name: full
          user:
            tokenFile: secrets/token
            token: old
            as: system:serviceaccount:kube-system:dns
            as-uid: "7"
            as-groups: [system:authenticated, dns readers]
            as-user-extra:
              scopes: [read, "write "]
              acme.io/Project: [ "ü" ]
        - {name: key-in-file, user: {client-certificate-data: \(certificateData), client-key: /secrets/client.key}}
        - {name: token-wins, user: {token: "t\\n", exec: {apiVersion: client.authentication.k8s.io/v1, command: ./x}}}
        preferences: {colors: true}
        extensions: [{name: a, extension: 1}]

        """
}
